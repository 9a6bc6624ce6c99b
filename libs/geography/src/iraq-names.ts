/** One governorate of Iraq beyond what ISO 3166-2 says of it. */
interface Governorate {
  /** COD-AB P-code. */
  pcode: string;
  /** GeoNames admin1 code. */
  geonames: string;
  names: readonly string[];
}

/**
 * The 18 governorates by ISO 3166-2 code: COD-AB names in Latin and Arabic script, Kurdish names where they are in use,
 * former names, and spellings of UCDP, UNAMI and the press. Halabja, a governorate that ISO does not list yet, counts to
 * Sulaymaniyah as in COD-AB.
 */
export const iraqGovernorates: Record<string, Governorate> = {
  'IQ-AN': { pcode: 'IQG01', geonames: 'IQ.01', names: ['Al-Anbar', 'Anbar', 'الانبار', 'Dulaim', 'Ramadi', 'ئەنبار'] },
  'IQ-BA': { pcode: 'IQG02', geonames: 'IQ.02', names: ['Al-Basrah', 'Basra', 'Basrah', 'البصرة', 'Bassora', 'بەسرە'] },
  'IQ-MU': {
    pcode: 'IQG03',
    geonames: 'IQ.03',
    names: ['Al-Muthanna', 'Muthanna', 'Al Muthannia', 'المثنى', 'Samawah'],
  },
  'IQ-NA': { pcode: 'IQG04', geonames: 'IQ.17', names: ['Al-Najaf', 'Najaf', 'النجف', 'Nejef'] },
  'IQ-QA': {
    pcode: 'IQG05',
    geonames: 'IQ.04',
    names: ['Al-Qadissiya', 'Al-Qadisiyah', 'Qadisiya', 'Qadissiya', 'Qadisiyyah', 'القادسية', 'Diwaniyah', 'Diwaniya'],
  },
  'IQ-SU': {
    pcode: 'IQG06',
    geonames: 'IQ.05',
    names: [
      'Al-Sulaymaniyah',
      'Sulaymaniyah',
      'Sulaimaniyah',
      'Sulaimaniya',
      'Sulaymaniya',
      'Suleimaniya',
      'Sulaimani',
      'Slemani',
      'Silêmanî',
      'السليمانية',
      'سلێمانی',
      'Halabja',
      'حلبجة',
      'هەڵەبجە',
    ],
  },
  'IQ-BB': { pcode: 'IQG07', geonames: 'IQ.06', names: ['Babil', 'Babylon', 'بابل', 'Hilla', 'Hillah'] },
  'IQ-BG': { pcode: 'IQG08', geonames: 'IQ.07', names: ['Baghdad', 'Bagdad', 'بغداد', 'Bexda', 'بەغدا'] },
  'IQ-DA': {
    pcode: 'IQG09',
    geonames: 'IQ.08',
    names: ['Duhok', 'Dohuk', 'Dahuk', 'Dihok', "D'hok", 'Duhôk', 'Dehok', 'دهوك', 'دهۆک'],
  },
  'IQ-DI': { pcode: 'IQG10', geonames: 'IQ.10', names: ['Diyala', 'Diala', 'ديالى', 'دیالە'] },
  'IQ-AR': {
    pcode: 'IQG11',
    geonames: 'IQ.11',
    names: ['Erbil', 'Arbil', 'Irbil', 'Arbela', 'Hewlêr', 'Hawler', 'اربيل', 'أربيل', 'هەولێر'],
  },
  'IQ-KA': { pcode: 'IQG12', geonames: 'IQ.12', names: ['Kerbala', 'Karbala', 'Kerbela', 'كربلاء'] },
  'IQ-KI': {
    pcode: 'IQG13',
    geonames: 'IQ.13',
    names: [
      'Kirkuk',
      'Kirkuk (Tamim)',
      "At-Ta'mim",
      'Tameem',
      'Tamim',
      'Tamin',
      'كركوك',
      'التأميم',
      'Kerkûk',
      'کەرکووک',
      'کەرکوک',
    ],
  },
  'IQ-MA': { pcode: 'IQG14', geonames: 'IQ.14', names: ['Maysan', 'Missan', 'Misan', 'ميسان', 'Amara', 'Amarah'] },
  'IQ-NI': {
    pcode: 'IQG15',
    geonames: 'IQ.15',
    names: [
      'Ninewa',
      'Nineveh',
      'Ninawa',
      'Nineva',
      'Niniveh',
      'Ninive',
      'نينوى',
      'Nînewa',
      'نەینەوا',
      'Al-Mawsil',
      'Mosul',
    ],
  },
  'IQ-SD': {
    pcode: 'IQG16',
    geonames: 'IQ.18',
    names: [
      'Salah Al-Din',
      'Salah ad-Din',
      'Salahuddin',
      'Salahaddin',
      'Salahadin',
      'Salah al-Deen',
      'Salah Aldin',
      'Saladin',
      'Salaheddin',
      'صلاح الدين',
      'سەلاحەدین',
      'Tikrit',
    ],
  },
  'IQ-DQ': {
    pcode: 'IQG17',
    geonames: 'IQ.09',
    names: ['Thi Qar', 'Dhi Qar', 'Thi-Qar', 'Dhiqar', 'Zi Qar', 'ذي قار', 'Muntafiq', 'Nasiriyah', 'Nassiriya'],
  },
  'IQ-WA': { pcode: 'IQG18', geonames: 'IQ.16', names: ['Wassit', 'Wasit', 'واسط', 'Kut', 'Al-Kut'] },
};

/** The Kurdistan Region, parent of Erbil, Duhok and Sulaymaniyah in ISO 3166-2. */
export const kurdistanRegionNames = [
  'Kurdistan Region',
  'Kurdistan Region of Iraq',
  'KRI',
  'Iraqi Kurdistan',
  'Kurdistan',
  'إقليم كردستان',
  'كردستان',
  'هەرێمی کوردستان',
  'Herêma Kurdistanê',
];
