// The program of a worker thread that holds one model of onnxruntime (threaded.ts).

import { type MessagePort, parentPort } from 'node:worker_threads';
import { messageOf } from '../text/error-message.ts';
import { Buffers } from './buffers.ts';
import type { Model } from './engine.ts';
import { unpackProgram } from './graph/packed.ts';
import type { Program } from './graph/program.ts';
import type { TypedArray } from './graph/types.ts';
import { ortEngine } from './ort/index.ts';
import { type Answer, isWide, type Request } from './threaded.ts';

/** Serves one model; the worker's whole life. */
function serve(port: MessagePort): void {
  const programs: Record<string, () => Program> = {};
  let model: Model | undefined;
  const own = new Buffers();
  const shared = new Buffers({ shared: true });
  const fed = (inputs: Readonly<Record<string, TypedArray>>) =>
    Object.entries(inputs).map(([name, array]) => [name, isWide(array) ? own.copy(name, array) : array] as const);
  const given = (outputs: Readonly<Record<string, Float32Array>>) =>
    Object.entries(outputs).map(([name, array]) => [name, isWide(array) ? shared.copy(name, array) : array] as const);
  const answer = async (request: Request): Promise<unknown> => {
    switch (request.kind) {
      case 'create':
        model = await ortEngine(request.provider).createModel({ weights: request.weights, programs }, request.options);
        return undefined;
      case 'program':
        programs[request.name] = () => unpackProgram(request.program);
        return undefined;
      case 'run':
        return Object.fromEntries(
          given(await model!.run(request.program, request.stage, Object.fromEntries(fed(request.inputs)))),
        );
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
        post({ error: messageOf(error) });
      }
    });
  });
}

serve(parentPort!);
