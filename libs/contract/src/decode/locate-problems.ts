import { pointerToken } from '../json-pointer.js';
import type { Problem, RejectionCode } from '../rejection-codes.js';

const PROBLEMS_MAX = 100;
const LONE_SURROGATE = /\p{Surrogate}/u;
const STRING = /"(?:[^"\\]|\\.)*"/suy;
const NUMBER = /-?\d+(?:\.(\d+))?(?:[eE]([+-]?\d+))?/uy;
const LITERAL = /true|false|null/uy;

const DETAILS = {
  NUL_CHARACTER: 'holds U+0000',
  LONE_SURROGATE: 'holds half of a surrogate pair',
  DUPLICATE_MEMBER: 'is named twice in its object',
  RESERVED_MEMBER: 'has a name that is not allowed',
  NUMBER_NOT_FINITE: 'is too large for a double',
  NUMBER_NOT_EXACT: 'would change its value as a double',
} satisfies Partial<Record<RejectionCode, string>>;

/** NUMBER_NOT_… when reading this number as a double would change what it says. Coordinates may lose far decimals. */
function inexactness(token: string): 'NUMBER_NOT_FINITE' | 'NUMBER_NOT_EXACT' | null {
  const value = Number(token);
  if (!Number.isFinite(value)) return 'NUMBER_NOT_FINITE';
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return 'NUMBER_NOT_EXACT';
  if (!Number.isInteger(value)) return null;
  // A whole double that was written as something else, for instance 3.00000000000000000001 or 1e-400.
  const [mantissa = '', exponent = '0'] = token.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/0+$/u, '');
  const droppedZeros = whole.length + fraction.length - digits.length;
  const isWhole = !/[1-9]/u.test(digits) || Number(exponent) - fraction.length + droppedZeros >= 0;
  return isWhole ? null : 'NUMBER_NOT_EXACT';
}

/** A second, slow reading of text that JSON.parse accepted and that is at most 32 deep: what is wrong, and where. */
class Locator {
  readonly problems: Problem[] = [];
  private at = 0;

  constructor(private readonly text: string) {}

  value(pointer: string): void {
    this.skipBlanks();
    const first = this.text[this.at];
    if (first === '{') this.object(pointer);
    else if (first === '[') this.array(pointer);
    else if (first === '"') this.checkText(this.string(), pointer);
    else if (first === 't' || first === 'f' || first === 'n') this.take(LITERAL);
    else this.number(pointer);
    this.skipBlanks();
  }

  private object(pointer: string): void {
    const seen = new Set<string>();
    this.at += 1;
    this.skipBlanks();
    while (this.text[this.at] !== '}') {
      const name = this.string();
      this.checkText(name, pointer);
      const at = `${pointer}/${pointerToken(name)}`;
      if (seen.has(name)) this.report('DUPLICATE_MEMBER', at);
      if (name === '__proto__') this.report('RESERVED_MEMBER', at);
      seen.add(name);
      this.skipBlanks();
      this.at += 1; // the colon
      this.value(at);
      this.skipComma();
    }
    this.at += 1;
  }

  private array(pointer: string): void {
    this.at += 1;
    this.skipBlanks();
    for (let index = 0; this.text[this.at] !== ']'; index += 1) {
      this.value(`${pointer}/${index}`);
      this.skipComma();
    }
    this.at += 1;
  }

  private number(pointer: string): void {
    const code = inexactness(this.take(NUMBER));
    if (code !== null) this.report(code, pointer);
  }

  private string(): string {
    return JSON.parse(this.take(STRING)) as string;
  }

  private checkText(text: string, pointer: string): void {
    if (text.includes('\u0000')) this.report('NUL_CHARACTER', pointer);
    if (LONE_SURROGATE.test(text)) this.report('LONE_SURROGATE', pointer);
  }

  private take(form: RegExp): string {
    form.lastIndex = this.at;
    const token = form.exec(this.text)?.[0] ?? '';
    if (token === '') throw new Error('The text is not the JSON that it was taken for');
    this.at += token.length;
    return token;
  }

  private skipBlanks(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? 'x')) this.at += 1;
  }

  private skipComma(): void {
    if (this.text[this.at] === ',') this.at += 1;
    this.skipBlanks();
  }

  private report(code: keyof typeof DETAILS, pointer: string): void {
    if (this.problems.length >= PROBLEMS_MAX) return;
    const safe = LONE_SURROGATE.test(pointer) || pointer.includes('\u0000') ? '' : pointer;
    this.problems.push({ pointer: safe, code, detail: DETAILS[code] });
  }
}

/** Every breach of strictness in text that is known to be JSON, with its pointer; at most 100. */
export function locateProblems(text: string): Problem[] {
  const locator = new Locator(text);
  locator.value('');
  return locator.problems;
}
