/** Whether a client takes gzip (RFC 9110 §12.5.3). One that says nothing gets the bytes as they are. */
export function acceptsGzip(header: string | undefined): boolean {
  let byName: boolean | undefined;
  let byStar = false;
  for (const part of (header ?? '').toLowerCase().split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim());
    const isWanted = !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    if (coding === 'gzip' || coding === 'x-gzip') byName = isWanted;
    if (coding === '*') byStar = isWanted;
  }
  return byName ?? byStar;
}
