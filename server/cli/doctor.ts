// `crosstag doctor`: which engines work on this machine, how fast, and which one is taken.
import type { Argv } from 'yargs';
import { defaultThreads, type EngineStatus, listEngines, pickEngine } from '../tensor/index.ts';
import { defineCommand, withGeneral, withJson } from './command.ts';
import { print, printJson, say } from './output.ts';

function options(yargs: Argv) {
  return withGeneral(withJson(yargs));
}

export const doctor = defineCommand({
  usage: 'doctor',
  summary: 'Say which engines work here, how fast, and which one is taken',
  example: ['$0 doctor --threads 2', 'a line for each engine'],
  options,
  async run({ json, threads = defaultThreads() }, { signal }) {
    say('trying every engine; this takes some seconds');
    const engines = await listEngines(threads);
    signal.throwIfAborted();
    const { engine, reason } = await pickEngine('auto');
    if (json) await printJson({ engines, picked: engine.name, reason, threads, node: process.version });
    else await print(`${engines.map(asLine).join('')}\nauto picks ${engine.name}: ${reason} (threads: ${threads})\n`);
    return 0;
  },
});

function asLine({ name, available, reason, version, device, gflops }: EngineStatus): string {
  if (!available) return `${name.padEnd(11)}no   ${reason}\n`;
  const speed = gflops === undefined ? '' : `, ${gflops.toFixed(0)} GFLOP/s`;
  return `${name.padEnd(11)}yes  ${device ?? 'unknown device'}${speed} (${version ?? 'unknown version'}; ${reason})\n`;
}
