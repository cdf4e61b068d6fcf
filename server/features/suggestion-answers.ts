// The suggestions of a document as the linter asks for a model's answers.
import { labelOf } from '../tags/index.ts';
import type { Sentence } from '../text/types.ts';
import type { OpenDocument } from '../workspace/documents.ts';
import type { ModelAnswer, ModelAnswers } from './lint-model.ts';

export class SuggestionAnswers implements ModelAnswers {
  readonly #document: OpenDocument;

  constructor(document: OpenDocument) {
    this.#document = document;
  }

  keyOf(sentence: Sentence): object | undefined {
    return this.#document.suggestions?.peek(sentence);
  }

  answer(sentence: Sentence): ModelAnswer | undefined {
    const { suggestions } = this.#document;
    const suggestion = suggestions?.get(sentence);
    if (suggestions === undefined || suggestion === undefined) return undefined;
    const { name, tags, scheme } = suggestions.model;
    const spans = Array.from(suggestion.spans(), ({ start, end, tag }) => {
      return { start, end, label: labelOf(tags[tag], scheme) ?? '' };
    });
    return { model: name, tags, scheme, probability: (token, tag) => suggestion.probability(token, tag), spans };
  }
}
