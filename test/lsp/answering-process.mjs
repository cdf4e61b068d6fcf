// A model process that learns nothing, and says of each request what it was asked: `load ner/1`, `adapt ner/1 pt,en`. It has
// models of an encoder that knows English and Portuguese, and none of parts of speech. Version 99 cannot be loaded.
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, ResponseError } from 'vscode-jsonrpc/node';

const FACTS = { task: 'ner', scheme: 'bio', tags: ['O', 'B-PER', 'I-PER'] };
let adaptations = 0;

const nameOf = (model) => model?.folder.split('/').slice(-2).join('/') ?? '-';
const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
connection.onRequest('load', (model) => {
  console.log(`load ${nameOf(model)}`);
  return nameOf(model).endsWith('/99') ? new ResponseError(-1, 'cannot be loaded') : FACTS;
});
connection.onRequest('adapt', ({ model, task, sentences, language }) => {
  const languages = sentences.map((sentence) => sentence.language ?? language);
  console.log(`adapt ${nameOf(model)} ${languages}`);
  const isForeign = languages.some((one) => !['', 'en', 'pt'].includes(one));
  if (isForeign || task === 'pos') return new ResponseError(-1, 'cannot learn this');
  return { ...FACTS, adaptation: ++adaptations, seconds: 0, iterations: 1 };
});
connection.onRequest('retrain', async ({ workspace }) => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { accepted: false, reason: workspace };
});
process.on('disconnect', () => process.exit());
connection.listen();
