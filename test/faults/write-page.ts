// `npm run guarantees`: docs/guarantees.md out of docs/guarantees.json and the list of the faults.
import { writePage } from './results.js';

writePage();
