/**
 * How a vague phrase becomes an interval. Data, not code: a new version is projected again and compared.
 * `hi: null` = open.
 */
export interface ConversionPolicy {
  version: number;
  /** By language (primary subtag): folded phrase → interval. */
  phrases: Record<string, Record<string, PhraseInterval>>;
  /**
   * By language, separated by spaces: words that say who or what is counted and not how many. They are left out when the
   * phrase as a whole is not listed.
   */
  nouns: Record<string, string>;
  /** What a phrase of nouns alone says ("sustained casualties"). */
  nounsAlone: PhraseInterval;
  /** Anything else; the claim is flagged PHRASE_UNKNOWN. */
  otherwise: PhraseInterval;
}
export type PhraseInterval = readonly [lo: number, hi: number | null];

/** What the policy reads in a phrase; `known` false = the phrase is in no list. */
export interface ReadPhrase {
  lo: number;
  hi: number | null;
  known: boolean;
}

/** Compared form of a phrase: no diacritics, no case, no punctuation, single spaces. */
function foldPhrase(phrase: string): string {
  return phrase
    .normalize('NFKD')
    .replace(/[\p{M}\u0640\u200c\u200d]/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

interface CompiledLanguage {
  phrases: Map<string, PhraseInterval>;
  nouns: Set<string>;
}

/** Folding the lists takes longer than reading a phrase, so it is done once for each policy. */
const compiled = new WeakMap<ConversionPolicy, Map<string, CompiledLanguage>>();

function compile(policy: ConversionPolicy): Map<string, CompiledLanguage> {
  const known = compiled.get(policy);
  if (known) return known;
  const languages = new Map<string, CompiledLanguage>();
  for (const [language, phrases] of Object.entries(policy.phrases)) {
    languages.set(language, {
      phrases: new Map(Object.entries(phrases).map(([phrase, interval]) => [foldPhrase(phrase), interval])),
      nouns: new Set((policy.nouns[language] ?? '').split(' ').map(foldPhrase)),
    });
  }
  compiled.set(policy, languages);
  return languages;
}

/**
 * The interval of a vague phrase. The lists of its language are asked first, then those of the others: an outlet often
 * quotes in another language than its own.
 */
export function readPhrase(
  phrase: string | null | undefined,
  language: string | null | undefined,
  policy: ConversionPolicy,
): ReadPhrase {
  const folded = phrase ? foldPhrase(phrase) : '';
  if (folded !== '') {
    const languages = compile(policy);
    const own = languages.get((language ?? '').toLowerCase().split('-')[0] ?? '');
    const found = own && look(folded, own, policy);
    if (found) return { lo: found[0], hi: found[1], known: true };
    for (const other of languages.values()) {
      const elsewhere = other === own ? null : look(folded, other, policy);
      if (elsewhere) return { lo: elsewhere[0], hi: elsewhere[1], known: true };
    }
  }
  return { lo: policy.otherwise[0], hi: policy.otherwise[1], known: false };
}

function look(folded: string, language: CompiledLanguage, policy: ConversionPolicy): PhraseInterval | null {
  const whole = language.phrases.get(folded);
  if (whole) return whole;
  const counting = folded.split(' ').filter((word) => !language.nouns.has(word));
  if (counting.length === 0) return policy.nounsAlone;
  return language.phrases.get(counting.join(' ')) ?? null;
}
