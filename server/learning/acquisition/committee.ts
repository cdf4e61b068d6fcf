// Query by committee: where successive models contradict each other.

/**
 * Entropy of the votes on each token, in nats (Dagan and Engelson, 1995): 0 where all agree.
 * @param votes tags of the sentence by each member; ones of another length (from before an edit) do not count
 */
export function voteEntropies(votes: readonly (readonly string[])[], length: number): Float32Array {
  const members = votes.filter((tags) => tags.length === length);
  const out = new Float32Array(length);
  const counts = new Map<string, number>();
  for (let t = 0; t < length; t++) {
    counts.clear();
    for (const tags of members) counts.set(tags[t]!, (counts.get(tags[t]!) ?? 0) + 1);
    for (const count of counts.values()) {
      const share = count / members.length;
      out[t] = out[t]! - share * Math.log(share);
    }
  }
  return out;
}
