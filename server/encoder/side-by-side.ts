// The two directions at the same time: they share no weights inside the graph and meet twice in a step.
import {
  type Engine,
  type EngineOptions,
  type Model,
  type ModelDefinition,
  Pool,
  threadedEngine,
} from '../tensor/index.ts';
import { DIRECTIONS, type Direction } from './network.ts';

/**
 * The models of both directions. With two threads or more the forward one computes in a thread of its own, where the engine can,
 * so that neither waits for the other's operations; elsewhere one runs after the other.
 * @param inTurn they are never to compute at the same time, and share the memory of their results
 */
export async function createDirections(
  engine: Engine,
  { threads, ...options }: EngineOptions,
  define: (direction: Direction) => ModelDefinition,
  inTurn = false,
): Promise<Record<Direction, Model>> {
  const apart = threads > 1 && !inTurn ? threadedEngine(engine.name) : undefined;
  const shared = inTurn ? { pool: new Pool() } : {};
  const shares = { forward: Math.floor(threads / 2), backward: Math.ceil(threads / 2) };
  const models: Partial<Record<Direction, Model>> = {};
  try {
    for (const direction of DIRECTIONS) {
      const own = apart && direction === 'forward' ? apart : engine;
      models[direction] = await own.createModel(define(direction), {
        ...options,
        ...shared,
        threads: apart ? shares[direction] : threads,
      });
    }
  } catch (error) {
    for (const model of Object.values(models)) await model.dispose();
    throw error;
  }
  return models as Record<Direction, Model>;
}
