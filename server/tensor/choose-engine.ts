// The tensor engine by the name that a person gave it.

import { messageOf } from '../text/error-message.ts';
import { InputError } from '../text/types.ts';
import type { Engine, EngineName } from './engine.ts';
import { ENGINES, pickEngine } from './engines.ts';

/** @throws InputError where there is no such engine, or it does not work on this machine */
export async function chooseEngine(name = 'auto', threads?: number): Promise<Engine> {
  const known = [...ENGINES, 'auto'];
  if (!known.includes(name))
    throw new InputError('there is no such engine', `name one of ${known.join(', ')}`, { path: name });
  try {
    return (await pickEngine(name as EngineName | 'auto', threads)).engine;
  } catch (error) {
    const what = messageOf(error);
    throw new InputError(what, 'or let Crosstag choose with auto', { path: name });
  }
}
