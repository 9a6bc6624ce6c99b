/**
 * Names that publishers give to one armed group, the one shown first: abbreviations of the UCDP actor list beside the names
 * that news desks and ACLED use. Exact spellings, because who is looked for among the incidents of others is looked for by
 * name; a name that is in no list is only itself.
 */
const GROUPS: readonly (readonly string[])[] = [
  [
    'Islamic State',
    'IS',
    'ISIS',
    'ISIL',
    'Daesh',
    "Da'esh",
    'Islamic State (IS)',
    'Islamic State of Iraq and Syria',
    'Islamic State of Iraq and the Levant',
    'Islamic State in Iraq and the Levant',
    'داعش',
  ],
  ['PKK', 'Kurdistan Workers Party', "Kurdistan Workers' Party", 'Kurdistan Workers’ Party'],
  ['Taliban', 'Taleban'],
  ['Al-Shabaab', 'al-Shabaab', 'Al Shabaab', 'Al-Shabab'],
  ['Boko Haram', "Jama'atu Ahlis Sunna Lidda'awati wal-Jihad"],
];

const groups = new Map(GROUPS.flatMap((names) => names.map((name) => [name, names] as const)));

/** Every name of the group that this is a name of; the name alone where no list has it. */
export function namesOfActor(name: string): readonly string[] {
  return groups.get(name) ?? [name];
}

/** The name under which a group is compared. */
export function actorShown(name: string): string {
  return groups.get(name)?.[0] ?? name;
}
