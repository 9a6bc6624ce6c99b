import { printable, table } from './output.js';
import { startProgress, timeLeft } from './progress.js';

describe('progress', () => {
  it('ends with one line that says how much was done, however often it is stopped', () => {
    const lines: string[] = [];
    const progress = startProgress({ task: 'publishing', total: 10, unit: 'messages', terminal: false }, (line) =>
      lines.push(line),
    );
    progress.update(4);
    progress.update(10);
    progress.stop();
    progress.stop();
    progress.update(11);
    expect(lines).toEqual([expect.stringMatching(/^publishing: 10 of 10 \(100%\) messages in \d+\.\d s, \d+\/s$/)]);
  });

  it('has no time left to tell before anything is done or while the total is unknown', () => {
    expect(timeLeft(0, 10, 0, 1000)).toBe('?');
    expect(timeLeft(5, null, 0, 1000)).toBe('?');
  });

  it('tells the time left from the mean rate', () => {
    expect(timeLeft(5, 10, 0, 1000)).toBe('1 s');
    expect(timeLeft(1, 200, 0, 1000)).toBe('3 min 19 s');
    expect(timeLeft(10, 10, 0, 1000)).toBe('0 s');
  });
});

describe('a table', () => {
  it('has numbers to the right and a dash for what is not known', () => {
    expect(
      table(
        ['topic', 'lag'],
        [
          ['a', 5],
          ['long name', 1234],
          ['b', null],
        ],
      ),
    ).toEqual(['topic       lag', 'a             5', 'long name  1234', 'b             –']);
  });
});

describe('text that others wrote', () => {
  it('cannot drive the terminal', () => {
    expect(printable('a\u001B]0;owned\u0007\u202Eb\tc\nd')).toBe('a\\u{001b}]0;owned\\u{0007}\\u{202e}b\tc\nd');
    expect(printable('Nīnawá کەرکووک')).toBe('Nīnawá کەرکووک');
  });
});
