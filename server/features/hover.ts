// A token's tag probabilities and where its label comes from.
import type { Hover, Position } from 'vscode-languageserver-protocol';
import { convertTags } from '../tags/index.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import type { Decision } from '../workspace/journal/index.ts';
import { offsetAt, rangeOf } from '../workspace/positions.ts';
import type { Suggestion } from '../workspace/suggestion.ts';
import { LONGEST_SENTENCE } from '../workspace/tagging-queue.ts';

/** Rows of the table: less probable tags are left out. */
const ROWS = 5;

export function hover(document: OpenDocument, position: Position): Hover | undefined {
  const { text } = document;
  if (text.sentences.length === 0) return undefined;
  const offset = offsetAt(text, position);
  const index = text.sentenceAt(offset);
  const sentence = text.sentences[index]!;
  const base = text.offsetOf(index);
  const token = sentence.tokens.findIndex(({ start, end, labelStart, labelEnd }) => {
    const at = offset - base;
    return (start <= at && at <= end) || (labelStart >= 0 && labelStart <= at && at <= labelEnd);
  });
  if (token < 0) return undefined;
  const { form, start, end } = sentence.tokens[token]!;
  const lines = [
    `**${plain(form)}**`,
    origin(document, index, token),
    ...review(document, index),
    ...table(document, index, token),
  ];
  return { contents: { kind: 'markdown', value: lines.join('\n\n') }, range: rangeOf(text, base + start, base + end) };
}

/** Markdown in words of the file is text. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, '\\$&');
}

/** Where the label comes from: the file, or a model by name and version. */
function origin(document: OpenDocument, index: number, token: number): string {
  const { suggestions } = document;
  const tags = document.tagsOf(index);
  const tag = tags[token];
  const suggestion = suggestions?.get(document.text.sentences[index]!);
  const decision = document.journal?.origins(index)[token];
  const here = decision === undefined ? 'in the file' : decidedBy(decision, token);
  if (suggestions === undefined || suggestion === undefined) {
    return tag === undefined ? 'Nobody has decided' : `\`${tag}\` ${here}`;
  }
  const { name, scheme, tags: tagSet } = suggestions.model;
  const suggested = tagSet[suggestion.tag(token)]!;
  if (tag === undefined) return `\`${suggested}\` suggested by model ${name}; nobody has decided`;
  const agrees = convertTags(tags, scheme)[token] === suggested;
  return agrees ? `\`${tag}\` ${here}` : `\`${tag}\` ${here}; model ${name} says \`${suggested}\``;
}

/** Who labelled a token, when, and what a model had said. */
function decidedBy({ entry }: Decision, token: number): string {
  const { by, at, suggested = [] } = entry;
  const said = suggested.find(({ start, end }) => start <= token && token < end);
  const model = said && `, when model ${said.model} said ${said.label} (${percent(said.probability)})`;
  return `by ${plain(by)} on ${at.slice(0, 10)} at ${at.slice(11, 16)} UTC${model ?? ''}`;
}

/** The line that says that a sentence is done. */
function review(document: OpenDocument, index: number): string[] {
  const reviewed = document.journal?.reviewed(index);
  return reviewed === undefined ? [] : [`Reviewed by ${plain(reviewed.by)} on ${reviewed.at.slice(0, 10)}`];
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)} %`;
}

function table(document: OpenDocument, index: number, token: number): string[] {
  const { suggestions } = document;
  if (suggestions === undefined) return [];
  const sentence = document.text.sentences[index]!;
  if (sentence.tokens.length > LONGEST_SENTENCE) {
    return [
      `This sentence has more than ${LONGEST_SENTENCE} tokens and is not tagged: are there blank lines between sentences?`,
    ];
  }
  const suggestion = suggestions.get(sentence);
  if (suggestion === undefined) return [];
  const rows = ranked(suggestion, token, suggestions.model.tags).map(
    ({ tag, probability }) => `| ${plain(tag)} | ${percent(probability)} |`,
  );
  const { name, language } = suggestions.model;
  const source = language === '' ? name : `${name}, which reads this file as ${language}`;
  return [['| tag | probability |', '| --- | ---: |', ...rows].join('\n'), `*${plain(source)}*`];
}

function ranked(suggestion: Suggestion, token: number, tags: readonly string[]) {
  return tags
    .map((tag, i) => ({ tag, probability: suggestion.probability(token, i) }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, ROWS);
}
