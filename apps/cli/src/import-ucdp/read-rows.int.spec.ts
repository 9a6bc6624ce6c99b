import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { UnreadableFileError } from './columns.js';
import { emptyMapped, type Mapped, mapRows } from './map-rows.js';
import { readRows, type Row } from './read-rows.js';
import { parseRelease } from './release.js';
import { scan } from './scan.js';

const HEADER =
  'id,type_of_violence,side_a,gwnoa,side_b,gwnob,where_prec,where_coordinates,latitude,longitude,country,country_id,date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,low,best,high,source_headline';
const HXL =
  ',,#group+name+first,,#group+name+second,,,#loc+name,#geo+lat,#geo+lon,#country+name,,,#date+start,#date+end,,,,,,#affected+killed,,';
const GOOD =
  '1,1,Government of Iraq,645,IS,,1,Mosul city,36.3,43.1,Iraq,645,1,2018-11-08,2018-11-08,0,1,2,0,3,3,3,"Two lines,\nand a ""quote"""';
const SECOND = '2,3,IS,,Civilians,,4,Kirkuk,35.4,44.3,Iraq,645,2,2017-01-01,2017-01-05,0,0,2,0,1,2,4,';
const TEXT = `\uFEFF${HEADER}\n${HXL}\n${GOOD}\n\n${SECOND}\n`;

let folder: string;
beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'ledger-ucdp-'))));
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Buffer): Promise<string> {
  const place = path.join(folder, name);
  await writeFile(place, content);
  return place;
}

async function rows(place: string): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of readRows(place)) found.push(row);
  return found;
}

/** A zip archive of deflated members. */
function zipOf(members: Record<string, string | Buffer>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(members)) {
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x800, 2);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(plain), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(plain.length, 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), shared, place, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(central.length, 4);
  end.writeUInt16LE(central.length, 6);
  end.writeUInt32LE(Buffer.concat(central).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, ...central, Buffer.from('PK\x05\x06'), end]);
}

async function map(place: string): Promise<{ found: Mapped; messages: string[] }> {
  const found = emptyMapped();
  const messages: string[] = [];
  for await (const { value } of mapRows(place, parseRelease('19.1'), () => 'IQ', found)) messages.push(value);
  return { found, messages };
}

describe('reading a GED file', () => {
  it('skips the byte order mark, the HXL row and empty lines, and keeps line breaks and quotes inside cells', async () => {
    const found = await rows(await file('plain.csv', TEXT));
    expect(found.map(({ line, cells }) => [line, cells?.id])).toEqual([
      [3, '1'],
      [6, '2'],
    ]);
    expect(found[0]?.cells?.sourceHeadline).toBe('Two lines,\nand a "quote"');
  });

  it('gives the same rows from .csv, .csv.gz and .zip, with what macOS adds, whatever the file is called', async () => {
    const plain = await rows(await file('same.csv', TEXT));
    expect(await rows(await file('same.csv.gz', gzipSync(TEXT)))).toEqual(plain);
    const zip = zipOf({
      'ged191/': '',
      'ged191/ged191.csv': TEXT,
      '__MACOSX/ged191/._ged191.csv': 'resource',
      'ged191/readme.txt': 'hi',
    });
    expect(await rows(await file('same.zip', zip))).toEqual(plain);
    expect(await rows(await file('zip-without-its-name.csv', zip))).toEqual(plain);
  });

  it('takes the release from the member of the archive when the archive is called otherwise', async () => {
    const place = await file('download.zip', zipOf({ 'GEDEvent_v24_0_5.csv': TEXT }));
    expect(await scan(place, null)).toMatchObject({
      rows: 2,
      release: { name: '24.0.5' },
      releaseFrom: 'the file name',
    });
    expect(await scan(await file('events.csv', TEXT), null)).toMatchObject({
      oldestYear: 2017,
      newestYear: 2018,
      release: { name: '19.1' },
      releaseFrom: 'the newest year in the file',
    });
    expect(await scan(place, '23.1')).toMatchObject({ release: { name: '23.1' }, releaseFrom: 'the option --release' });
  });

  it.each([
    ['a reduced cut', 'reduced.csv', 'id,year,best_death\n1,2018,3\n', /has no column type_of_violence, side_a/],
    ['an empty file', 'empty.csv', '', /is empty/],
    ['a header alone', 'header.csv', `${HEADER}\n`, /no rows/],
    [
      'Latin-1 text',
      'latin.csv',
      Buffer.from(`${HEADER}\n${SECOND.replace('Kirkuk', 'Kirk\u00fbk')}\n`, 'latin1'),
      /not UTF-8/,
    ],
    ['an unclosed quote', 'quote.csv', `${HEADER}\n1,"1,Government\n`, /not CSV/],
    ['a cut gzip', 'cut.csv.gz', gzipSync(TEXT.repeat(50)).subarray(0, 200), /archive is damaged/],
    ['a zip without CSV', 'none.zip', zipOf({ 'readme.txt': 'hi' }), /holds no \.csv/],
    ['a zip with two', 'two.zip', zipOf({ 'a.csv': TEXT, 'b.csv': TEXT }), /several \.csv files \(a\.csv, b\.csv\)/],
    ['a damaged zip', 'bad.zip', zipOf({ 'a.csv': TEXT }).subarray(0, 120), /archive is damaged/],
  ])('refuses %s as a whole, in one sentence', async (_, name, content, sentence) => {
    const refusal = scan(await file(name, content), null);
    await expect(refusal).rejects.toThrow(UnreadableFileError);
    await expect(refusal).rejects.toThrow(sentence);
  });

  it('reports every row that cannot be recorded with its line and its reasons, and maps the others', async () => {
    const bad = [
      GOOD.replace('1,1,', '3,1,').replace(',3,3,3,', ',-1,x,3,'),
      SECOND.replace('2,3,', '4,3,').replace(',1,2,4,', ',-1,2,4,').replace(',35.4,', ',95.4,'),
      '5,too,short',
      SECOND,
    ];
    const { found, messages } = await map(await file('bad.csv', `${TEXT}${bad.join('\n')}\n`));
    expect(messages).toHaveLength(2);
    expect(found.problems).toEqual([
      { line: 7, id: '3', reasons: ['best: "x" is not a whole number'] },
      {
        line: 9,
        id: '4',
        reasons: [
          expect.stringMatching(/^\/place\/latitude OUT_OF_RANGE: /),
          expect.stringMatching(/^\/casualties\/0\/value\/lo OUT_OF_RANGE: /),
        ],
      },
      { line: 10, id: null, reasons: ['has 3 cells where the header has 23'] },
      { line: 11, id: '2', reasons: ['id: 2 stands further up already'] },
    ]);
  });

  it('gives byte-identical messages when the file is read again', async () => {
    const place = await file('again.csv', TEXT);
    expect((await map(place)).messages).toEqual((await map(place)).messages);
  });
});
