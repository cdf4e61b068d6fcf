// Text and names in the HTML of reports.

/** Text as HTML, also within an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A name in whatever script: it keeps its own direction and leaves that of the text around it alone. */
export function nameHtml(name: string): string {
  return `<bdi>${escapeHtml(name)}</bdi>`;
}

/** Names and values side by side. @param pairs values are HTML */
export function factsHtml(pairs: readonly (readonly [name: string, html: string])[]): string {
  const items = pairs.map(([name, html]) => `<div><dt>${escapeHtml(name)}</dt><dd>${html}</dd></div>`);
  return `<dl>${items.join('')}</dl>`;
}

/** A moment, to the minute, in UTC; the script of the page tells it in the reader's own time. */
export function dateHtml(date: string): string {
  const text = date.slice(0, 16).replace('T', ' ');
  return `<time datetime="${escapeHtml(date)}">${escapeHtml(text)} UTC</time>`;
}
