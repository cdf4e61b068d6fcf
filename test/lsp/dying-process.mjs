// A model process that dies when it is asked to: `die` kills it, `die once` only if the file named does not exist yet.
import { existsSync, writeFileSync } from 'node:fs';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
connection.onRequest('echo', (numbers) => numbers);
connection.onRequest('pid', () => process.pid);
connection.onRequest('die', () => process.exit(3));
connection.onRequest('die once', (file) => {
  if (existsSync(file)) return 'alive';
  writeFileSync(file, '');
  process.exit(3);
});
connection.onRequest('never', () => new Promise(() => {}));
connection.onRequest('write', () => console.log('not for the editor'));
process.on('disconnect', () => process.exit());
connection.listen();
