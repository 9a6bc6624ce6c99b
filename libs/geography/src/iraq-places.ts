import type { DisputedClaim } from './regions.js';

/** A district of Iraq, coded by its COD-AB P-code. */
interface District {
  pcode: string;
  name: string;
  names: string;
  claims?: readonly DisputedClaim[];
}

/** A town, village or mountain that the sources name; what happens there counts in its district. */
interface NamedPlace {
  code: string;
  name: string;
  names: string;
  /** P-code of the district. */
  district: string;
}

const ARTICLE_140: DisputedClaim = {
  claimant: 'Kurdistan Regional Government',
  parent: 'IQ-KR',
  note: 'claimed for the Kurdistan Region under Article 140 of the constitution of 2005; not settled',
};

/** The claim that makes the whole governorate of Kirkuk disputed. */
export const kirkukClaims: readonly DisputedClaim[] = [ARTICLE_140];

const MAKHMUR: DisputedClaim = {
  claimant: 'Ninewa Governorate',
  parent: 'IQ-NI',
  note: 'a district of Ninewa in federal practice, administered from Erbil; COD-AB puts it under Erbil',
};
const AKRE_SHEIKHAN: DisputedClaim = {
  claimant: 'Duhok Governorate',
  parent: 'IQ-DA',
  note: 'administered from Duhok; COD-AB puts it under Ninewa',
};
const KIFRI: DisputedClaim = {
  claimant: 'Sulaymaniyah Governorate',
  parent: 'IQ-SU',
  note: 'administered from Sulaymaniyah in part; COD-AB puts it under Diyala',
};

const d = (pcode: string, name: string, names: string, claims: readonly DisputedClaim[] = []): District => ({
  pcode,
  name,
  names,
  claims,
});

/**
 * Districts that the sources name or that several authorities claim, in the spellings of COD-AB, UCDP, the UN and the press, in
 * Latin, Arabic and Kurdish; `|` between names. Claims: the districts that the UN's reports on Iraq's disputed internal
 * boundaries (2009) went through, and who administers them beside whom COD-AB names.
 */
export const iraqDistricts: readonly District[] = [
  d('IQG10Q03', 'Baladruz', 'Baladrooz|Baladrūz|Mandali|Mandalī|مندلي|بلدروز|مەندەلی', [ARTICLE_140]),
  d('IQG10Q05', 'Khanaqin', 'Khānaqīn|Khanaqeen|Xaneqîn|Xanaqin|خانقين|خانەقین', [ARTICLE_140]),
  d('IQG10Q06', 'Kifri', 'Kifrī|Kfri|Kifrî|كفري|کفری', [ARTICLE_140, KIFRI]),
  d('IQG11Q04', 'Makhmour', 'Makhmur|Makhmūr|Mahmur|Mexmûr|Maxmur|Makhmoor|مخمور|مەخموور|مەخمور', [
    ARTICLE_140,
    MAKHMUR,
  ]),
  d('IQG13Q01', 'Al-Hawiga', 'Hawija|Al Hawija|Hawijah|Al Ḩawījah|Hawiga|Hewîce|الحويجة|حەویجە', [ARTICLE_140]),
  d('IQG13Q02', 'Daquq', 'Dāqūq|Daqouq|Taza Khurmatu|داقوق|داقووق', [ARTICLE_140]),
  d('IQG13Q03', 'Dibis', 'Dibs|Dubiz|Debis|Dubz|دبس|الدبس|دوبز', [ARTICLE_140]),
  d('IQG13Q04', 'Kirkuk', 'Kirkūk|Kerkuk|Kerkûk|كركوك|کەرکووک|کەرکوک', [ARTICLE_140]),
  d('IQG15Q01', 'Aqra', 'Akre|Akra|Aqrah|Akrê|‘Aqrah|عقرة|ئاکرێ', [ARTICLE_140, AKRE_SHEIKHAN]),
  d('IQG15Q03', 'Al-Hamdaniya', 'Hamdaniya|Al Hamdaniyah|Al Ḩamdānīyah|Qaraqosh|Bakhdida|الحمدانية|حەمدانیە', [
    ARTICLE_140,
  ]),
  d('IQG15Q05', 'Al-Mosul', 'Mosul|Al Mawsil|Al Mawşil|Mawsil|Mûsil|Musil|الموصل|مووسڵ|موسڵ'),
  d('IQG15Q06', 'Al-Shikhan', 'Sheikhan|Shekhan|Shikhan|Ash Shaykhān|Şêxan|الشيخان|شێخان', [
    ARTICLE_140,
    AKRE_SHEIKHAN,
  ]),
  d('IQG15Q07', 'Sinjar', 'Sinjār|Shingal|Shengal|Şengal|Şingal|Shingar|سنجار|شنگال|شەنگال', [ARTICLE_140]),
  d('IQG15Q08', 'Telafar', 'Tal Afar|Tall ‘Afar|Tel Afar|Tal Afer|Telefer|تلعفر|تەلەعفەر', [ARTICLE_140]),
  d('IQG15Q09', 'Tilkaef', 'Tilkaif|Tel Keppe|Tal Kayf|Tall Kayf|Tallkayf|Telkaif|تلكيف|تلکێف', [ARTICLE_140]),
  d(
    'IQG16Q07',
    'Tooz Khurmato',
    'Tuz Khurmatu|Ţūz Khūrmātū|Tuz|Tooz|Tuz Khurma|Duz Khurmatu|Xurmatû|طوز خورماتو|دوز خورماتوو',
    [ARTICLE_140],
  ),
];

/** Places of the starting document that are no districts. */
export const iraqPlaces: readonly NamedPlace[] = [
  {
    code: 'x-iq-qarachukh',
    name: 'Mount Qarachukh',
    names:
      'Qarachukh|Mount Qarachogh|Qarachogh|Qara Chokh|Qarachoq|Qerecox|Qereçox|Jabal Qarah Chawq|جبل قره جوغ|قەرەچووغ',
    district: 'IQG11Q04',
  },
  {
    code: 'x-iq-makhmur-town',
    name: 'Makhmur',
    names: 'Makhmour|Makhmūr town|Makhmour town|مخمور',
    district: 'IQG11Q04',
  },
  {
    code: 'x-iq-sinjar-town',
    name: 'Sinjar',
    names: 'Shingal|Sinjār town|Sinjar town|Shingal town|سنجار|شنگال',
    district: 'IQG15Q07',
  },
  { code: 'x-iq-mosul', name: 'Mosul', names: 'Mosul town|Mosul city|الموصل|مووسڵ', district: 'IQG15Q05' },
  {
    code: 'x-iq-qayyarah',
    name: 'Qayyarah',
    names: 'Al Qayyarah|Qayyara|Al-Qayara|القيارة|قەیارە',
    district: 'IQG15Q05',
  },
  { code: 'x-iq-kirkuk-city', name: 'Kirkuk', names: 'Kirkūk town|Kirkuk city|كركوك|کەرکووک', district: 'IQG13Q04' },
  { code: 'x-iq-tal-afar-town', name: 'Tal Afar', names: 'Tall ‘Afar town|Telafar town|تلعفر', district: 'IQG15Q08' },
];

/** Areas that several authorities claim: the governorate of Kirkuk, and the districts above that carry a claim. */
export const disputedMembers: readonly string[] = [
  'IQG13',
  ...iraqDistricts
    .filter(({ claims, pcode }) => claims?.length && !pcode.startsWith('IQG13'))
    .map(({ pcode }) => pcode),
];

/** Parents in the alternative that V6 of domain.md asks for: district by P-code → governorate by P-code. */
export const claimedParents: Readonly<Record<string, string>> = { IQG11Q04: 'IQG15' };
