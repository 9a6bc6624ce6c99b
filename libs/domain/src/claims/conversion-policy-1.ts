import type { ConversionPolicy } from './conversion-policy.js';

/**
 * Conversion policy 1 (domain.md, after the fold). Lower bounds are what the word can mean at least; only words that
 * name a number have an upper one. Once activated in a log it never changes: a correction is policy 2.
 */
export const conversionPolicy1: ConversionPolicy = {
  version: 1,
  nounsAlone: [1, null],
  otherwise: [1, null],
  phrases: {
    en: {
      'a couple': [2, 2],
      couple: [2, 2],
      'a pair': [2, 2],
      'half a dozen': [6, 6],
      'a dozen': [12, 12],
      dozen: [12, 12],
      'about a dozen': [12, 12],
      'around a dozen': [12, 12],
      'at least a dozen': [12, null],
      'more than a dozen': [13, null],
      'over a dozen': [13, null],
      'two dozen': [24, 24],
      'three dozen': [36, 36],
      'several dozen': [36, null],
      'several dozens': [36, null],
      dozens: [24, null],
      tens: [20, null],
      'a score': [20, 20],
      scores: [40, null],
      'a hundred': [100, 100],
      hundreds: [200, null],
      'several hundred': [300, null],
      'a thousand': [1000, 1000],
      thousands: [2000, null],
      'several thousand': [3000, null],
      several: [3, null],
      'a few': [3, null],
      few: [3, null],
      'a handful': [3, null],
      'two or three': [2, 3],
      'three or four': [3, 4],
      multiple: [2, null],
      'a number': [2, null],
      many: [3, null],
      numerous: [3, null],
      some: [1, null],
      'at least one': [1, null],
      'one or more': [1, null],
    },
    ar: {
      عدة: [3, null],
      بضعة: [3, null],
      'عدد من': [2, null],
      عدد: [2, null],
      العديد: [3, null],
      'العديد من': [3, null],
      عشرات: [20, null],
      العشرات: [20, null],
      'العشرات من': [20, null],
      'أكثر من عشرة': [11, null],
      مئات: [200, null],
      المئات: [200, null],
      'المئات من': [200, null],
      آلاف: [2000, null],
      الآلاف: [2000, null],
      'الآلاف من': [2000, null],
    },
    fr: {
      plusieurs: [2, null],
      quelques: [3, null],
      'une demi-douzaine': [6, 6],
      'une dizaine': [10, 10],
      'une douzaine': [12, 12],
      'une quinzaine': [15, 15],
      'une vingtaine': [20, 20],
      'une trentaine': [30, 30],
      'une quarantaine': [40, 40],
      'une cinquantaine': [50, 50],
      'une centaine': [100, 100],
      'un millier': [1000, 1000],
      dizaines: [20, null],
      'des dizaines': [20, null],
      'plusieurs dizaines': [20, null],
      centaines: [200, null],
      'des centaines': [200, null],
      'plusieurs centaines': [200, null],
      milliers: [2000, null],
      'des milliers': [2000, null],
      nombreux: [3, null],
      'de nombreux': [3, null],
    },
    /** Kurmanji. */
    ku: {
      çend: [3, null],
      gelek: [3, null],
      hinek: [1, null],
      dehan: [20, null],
      'bi dehan': [20, null],
      sedan: [200, null],
      'bi sedan': [200, null],
      hezaran: [2000, null],
      'bi hezaran': [2000, null],
    },
    /** Sorani. */
    ckb: {
      چەند: [3, null],
      چەندین: [3, null],
      هەندێک: [1, null],
      زۆر: [3, null],
      دەیان: [20, null],
      'بە دەیان': [20, null],
      سەدان: [200, null],
      'بە سەدان': [200, null],
      هەزاران: [2000, null],
      'بە هەزاران': [2000, null],
    },
  },
  nouns: {
    en:
      'casualties casualty victims losses people persons civilians men women children fighters militants soldiers ' +
      'members policemen others fatalities deaths injuries killed dead died injured wounded hurt missing abducted ' +
      'kidnapped sustained suffered caused reported were was been have had of the there and unspecified',
    ar:
      'ضحايا الضحايا إصابات خسائر قتلى القتلى جرحى الجرحى قتيل جريح شهداء الشهداء مصابين المصابين مدنيين المدنيين ' +
      'أشخاص الأشخاص قتل مقتل إصابة سقوط وقوع مفقودين',
    fr:
      'victimes pertes morts mortes tués tuées blessés blessées disparus personnes civils gens hommes femmes enfants ' +
      'soldats combattants enlevés décès ont été de d et des',
    ku: 'kes kesan kuştî kuştin birîndar qurbanî sivîl mirî û hatin bûn',
    ckb: 'کەس کوژراو کوژران بریندار برینداربوون قوربانی مەدەنی زیان شەهید و',
  },
};

/** The policies that a name alone activates. Null for any other: then the event must hold it. */
export function builtInPolicy(name: string): ConversionPolicy | null {
  return name === String(conversionPolicy1.version) ? conversionPolicy1 : null;
}
