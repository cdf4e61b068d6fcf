// The program of a worker thread that holds one model of the CPU engine (threaded.ts).
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { Model } from './engine.ts';
import { unpackProgram } from './graph/packed.ts';
import type { Program } from './graph/program.ts';
import { ortEngine } from './ort/index.ts';
import type { Answer, Request } from './threaded.ts';

/** Serves one model; the worker's whole life. */
function serve(port: MessagePort): void {
  const programs: Record<string, () => Program> = {};
  let model: Model | undefined;
  const answer = async (request: Request): Promise<unknown> => {
    switch (request.kind) {
      case 'create':
        model = await ortEngine('cpu').createModel({ weights: request.weights, programs }, request.options);
        return undefined;
      case 'program':
        programs[request.name] = () => unpackProgram(request.program);
        return undefined;
      case 'run':
        return model!.run(request.program, request.stage, request.inputs);
      case 'read':
        return model!.read(request.names);
      case 'write':
        return model!.write(request.state);
      case 'dispose':
        return model?.dispose();
    }
  };
  const post = (message: Answer) => port.postMessage(message);
  let last: Promise<unknown> = Promise.resolve();
  port.on('message', (request: Request) => {
    last = last.then(async () => {
      try {
        post({ value: await answer(request) });
      } catch (error) {
        post({ error: error instanceof Error ? error.message : String(error) });
      }
    });
  });
}

serve(parentPort!);
