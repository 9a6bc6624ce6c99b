import { decodeCursor, encodeCursor, toCsv } from './index.js';

const filters = { region: ['IQ'], from: '2018-10-01' };
const anyAfter = (after: readonly unknown[]): boolean => after.length === 2;

it('a cursor comes back as it was, whatever the order of the filters', () => {
  const text = encodeCursor({ position: 41, after: ['2018-10-02', 'x'] }, filters);
  expect(text).toMatch(/^[\w-]+$/);
  const read = decodeCursor(text, { from: '2018-10-01', region: ['IQ'] }, anyAfter);
  expect(read).toEqual({ position: 41, after: ['2018-10-02', 'x'] });
});

it.each([
  ['other filters', encodeCursor({ position: 41, after: ['a', 'b'] }, { region: ['SY'] })],
  ['other keys', encodeCursor({ position: 41, after: ['a'] }, filters)],
  ['a negative position', encodeCursor({ position: -1, after: ['a', 'b'] }, filters)],
  ['another version', Buffer.from('[2,1,"x",[]]').toString('base64url')],
  ['no JSON', Buffer.from('hello').toString('base64url')],
  ['no base64url', '%%%'],
  ['nothing', ''],
  ['too much', 'a'.repeat(3_000)],
])('a cursor with %s is refused', (_name, text) => {
  expect(() => decodeCursor(text, filters, anyAfter)).toThrow(expect.objectContaining({ code: 'BAD_CURSOR' }));
});

const columns = [
  { name: 'name', hxl: '#adm1+name', value: ({ name }: { name: string; n: number | null }) => name },
  { name: 'n', hxl: '#affected', value: ({ n }: { name: string; n: number | null }) => n },
];

it.each(['=1+1', '+1', '-1', '@a', '\tx', '\rx', '＝1'])('text %j cannot run as a formula', (name) => {
  expect(toCsv(columns, [{ name, n: 1 }]).split('\r\n')[1]).toMatch(/^"?'/);
});

it('writes CSV with CRLF, quotes, empty for null, and negative numbers as numbers', () => {
  const rows = [
    { name: 'a,"b"\n', n: null },
    { name: 'Ṣalāḥ', n: -3 },
  ];
  expect(toCsv(columns, rows)).toBe('name,n\r\n"a,""b""\n",\r\nṢalāḥ,-3\r\n');
  expect(toCsv(columns, rows, { bom: true, hxl: true })).toMatch(/^\uFEFFname,n\r\n#adm1\+name,#affected\r\n/);
});
