/** Checks the ids of one sentence: 1, 2, 3 ...; `1-2` is a multiword token and `1.1` an empty node, kept but no tokens. */
export class Ids {
  private expected = 1;

  check(id: string, problem: (message: string) => void): 'token' | 'other' {
    const parts = /^(\d+)(?:([-.])(\d+))?$/.exec(id);
    if (parts === null) {
      problem(`"${id.slice(0, 20)}" is no token id; number the tokens 1, 2, 3 ... and separate columns by tabs`);
      return 'other';
    }
    const number = Number(parts[1]);
    if (parts[2] === undefined) {
      if (number !== this.expected) {
        problem(`token id ${number} where ${this.expected} comes next; number the tokens 1, 2, 3 ...`);
      }
      this.expected = number + 1;
      return 'token';
    }
    const fits =
      parts[2] === '-'
        ? number === this.expected && Number(parts[3]) > number
        : number === this.expected - 1 && Number(parts[3]) > 0;
    if (!fits) problem(`id ${id} does not fit where ${this.expected} comes next; correct it or the ids around it`);
    return 'other';
  }
}
