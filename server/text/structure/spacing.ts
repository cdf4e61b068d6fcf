// The white space after a word, as MISC tells it (universaldependencies.org/misc.html): SpaceAfter=No, SpacesAfter=\s\s.

const SPACING = /^Space(s)?After=/;

function attributes(misc: string): string[] {
  return misc === '_' || misc === '' ? [] : misc.split('|');
}

function written(all: readonly string[]): string {
  return all.length === 0 ? '_' : all.join('|');
}

/** What MISC says of the white space after the word, as it stands there. */
export function spacingOf(misc: string): string[] {
  return attributes(misc).filter((attribute) => SPACING.test(attribute));
}

/** MISC with another spacing, in the place of the old one. */
export function withSpacing(misc: string, spacing: readonly string[]): string {
  const all = attributes(misc);
  const at = all.findIndex((attribute) => SPACING.test(attribute));
  const others = all.filter((attribute) => !SPACING.test(attribute));
  return written(others.toSpliced(at < 0 ? others.length : at, 0, ...spacing));
}

/** MISC of several words that become one: all attributes, of equal names the first, and the spacing of the last. */
export function joinedMisc(all: readonly string[]): string {
  const name = (attribute: string) => attribute.split('=')[0];
  const kept = attributes(all[0]!);
  for (const misc of all.slice(1)) {
    for (const attribute of attributes(misc)) {
      if (!SPACING.test(attribute) && kept.every((other) => name(other) !== name(attribute))) kept.push(attribute);
    }
  }
  return withSpacing(written(kept), spacingOf(all.at(-1)!));
}

/** Whether a blank follows the word in the running text. */
export function hasSpaceAfter(misc: string): boolean {
  return !attributes(misc).includes('SpaceAfter=No');
}
