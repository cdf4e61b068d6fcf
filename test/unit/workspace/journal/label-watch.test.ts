import { describe, expect, it } from 'vitest';
import { OpenDocument } from '../../../../server/workspace/documents.ts';
import { DocumentJournal, Journal, LabelWatch } from '../../../../server/workspace/journal/index.ts';
import { parseSettings } from '../../../../server/workspace/settings.ts';

describe('a watch of labels', () => {
  it('reads no sentence where none has got another number, as with most keys', () => {
    const item = { uri: 'file:///w/a.txt', languageId: 'plaintext', version: 1, text: 'አዲስ አበባ\nውብ ናት\n' };
    const document = new OpenDocument(item, parseSettings({ format: 'txt' }));
    const journal = new DocumentJournal(document, new Journal('/w', { problem: () => undefined }), 'a.txt');
    const known = document.text.sentences.map(
      (sentence) => new Proxy(sentence, { get: (_, name) => expect.fail(String(name)) }),
    );
    new LabelWatch(document, journal, known).shifted([]);
  });
});
