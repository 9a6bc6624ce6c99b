/** Letters that decomposition leaves as they are. */
const LETTERS: Record<string, string> = {
  ı: 'i',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ə: 'a',
  ى: 'ي',
  ة: 'ه',
  ک: 'ك',
  ی: 'ي',
};

/**
 * The words of a name without diacritics, case, apostrophes and punctuation: "Ta‘izz" and "Taizz", "Şalāḩ ad Dīn" and
 * "Salah ad-Din" have the same.
 */
export function wordsOf(name: string): string[] {
  return name
    .normalize('NFKD')
    .replace(/[\p{M}\u0640'’‘ʼʻʾʿ`´¨″"]/gu, '')
    .toLowerCase()
    .replace(/[ıøłđðþßæœəىةکی]/gu, (letter) => LETTERS[letter] ?? letter)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Compared form of a whole name. */
export function foldName(name: string): string {
  return wordsOf(name).join('');
}

/** What kind of area it is, in the languages of the providers: says nothing about which. */
const KINDS = new Set(
  (
    'province provinces provincia provincie governorate governorates gouvernorat region regiao regione state estado ' +
    'district districts department departamento departement county oblast oblasts krai kray republic respublika ' +
    'prefecture municipality municipio canton division territory emirate voivodeship parish commune zone wilaya ' +
    'wilayat muhafazat muhafazah muhafaza mintaqat liwa ostan oblysy vilayeti viloyati welayaty qada caza kaza il ili ' +
    'autonomous administrative subregion subprefecture محافظه استان پاريزگاي'
  ).split(' '),
);

/** Articles that transliterations write or leave out. */
const ARTICLES = new Set('al an ar as ash at ad adh az el the of de del do da la le les'.split(' '));

/** Compared form of an area's own name: without its kind and without articles; the whole name where nothing is left. */
export function foldAreaName(name: string): string {
  const words = wordsOf(name);
  const own = words.filter((word) => !KINDS.has(word) && !ARTICLES.has(word));
  return (own.length > 0 ? own : words).join('').replace(/^ال/u, '');
}
