// A report as one file: it needs nothing but itself.
import { createHash } from 'node:crypto';
import { escapeHtml } from './html.ts';

export interface PageParts {
  readonly title: string;
  /** HTML: everything inside `<main>`. */
  readonly body: string;
}

/** A page that lets nothing in: what may run and style it is named by its hash. */
export function standalonePage(
  { title, body }: PageParts,
  { script, style }: { script: string; style: string },
): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  // `</script` in a string of the script would end it.
  const safe = script.replaceAll('</script', '<\\/script');
  const policy = `default-src 'none'; script-src ${hash(safe)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
<script>${safe}</script>
</body>
</html>
`;
}
