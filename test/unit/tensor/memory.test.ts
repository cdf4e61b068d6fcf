// A lack of memory, as Node and the engine tell it, is told to people in one message.
import { expect, it } from 'vitest';
import { Graph, pickEngine, threadedEngine } from '../../../server/tensor/index.ts';
import { memoryError } from '../../../server/text/error-message.ts';
import { InputError } from '../../../server/text/index.ts';

const caught = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('there was enough');
};

const MESSAGE = /^memory: there is not enough \(.*\); end other programs, take a smaller size, /;

it('is known by the words of Node', async () => {
  expect(memoryError(await caught(() => new ArrayBuffer(2 ** 45)))?.message).toMatch(MESSAGE);
  expect(memoryError(new RangeError('Invalid array length'))).toBeUndefined();
  expect(memoryError(new InputError('out of memory', 'x', { path: 'y' }))).toBeUndefined();
});

it.each(['the engine', 'an engine in a thread'])('is known by the words of %s', async (where) => {
  const { engine } = await pickEngine('cpu');
  const program = () => {
    const graph = new Graph();
    const result = graph.matMul(graph.input('a', [2 ** 21, 1]), graph.input('b', [1, 2 ** 21]));
    return { graph, stages: [{ name: 'run', outputs: { sum: graph.sum(result) } }] };
  };
  const used = where === 'the engine' ? engine : threadedEngine('cpu')!;
  const model = await used.createModel({ weights: {}, programs: { program } }, { threads: 1 });
  const inputs = { a: new Float32Array(2 ** 21), b: new Float32Array(2 ** 21) };
  expect(memoryError(await caught(() => model.run('program', 'run', inputs)))?.message).toMatch(MESSAGE);
  await model.dispose();
});
