import { expect } from 'vitest';
import { InputError } from '../../server/text/index.ts';

/** The message of the InputError that this work ends with, without the path of the folder. */
export async function inputErrorOf(work: Promise<unknown>, folder: string): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message.replace(`${folder}/`, '');
}
