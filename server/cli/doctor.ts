// `crosstag doctor`: which engines work on this machine, how fast, which one is taken, and how much memory there is.
import type { Argv } from 'yargs';
import { availableMemory, memoryOfSizes } from '../encoder/memory.ts';
import { defaultThreads, type EngineStatus, listEngines, pickEngine } from '../tensor/index.ts';
import { defineCommand, withGeneral, withJson } from './command.ts';
import { print, printJson, say } from './output.ts';

function options(yargs: Argv) {
  return withGeneral(withJson(yargs));
}

export const doctor = defineCommand({
  usage: 'doctor',
  summary: 'Say which engines work here, how fast, which one is taken, and how much memory there is',
  example: ['$0 doctor --threads 2', 'a line for each engine'],
  options,
  async run({ json, threads = defaultThreads() }, { signal }) {
    say('trying every engine; this takes some seconds');
    const engines = await listEngines(threads);
    signal.throwIfAborted();
    const { engine, reason } = await pickEngine('auto');
    // In bytes: of this machine, or what a container gives; what other programs leave of it now; what sizes take of it.
    const memory = { total: availableMemory(), free: process.availableMemory(), pretraining: memoryOfSizes() };
    if (json) await printJson({ engines, picked: engine.name, reason, threads, memory, node: process.version });
    else {
      const picks = `auto picks ${engine.name}: ${reason} (threads: ${threads})`;
      const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
      const has = `memory: ${gigabytes(memory.total)}, ${gigabytes(memory.free)} of them free`;
      const sizes = memory.pretraining.map(({ size, bytes }) => {
        return `${size} ${gigabytes(bytes)}${bytes > memory.total ? ' (more than there is)' : ''}`;
      });
      const needs = `pre-training with two languages takes up to: ${sizes.join(', ')}`;
      await print(`${engines.map(asLine).join('')}\n${picks}\n${has}\n${needs}\n`);
    }
    return 0;
  },
});

function asLine({ name, available, reason, version, device, gflops }: EngineStatus): string {
  if (!available) return `${name.padEnd(11)}no   ${reason}\n`;
  const speed = gflops === undefined ? '' : `, ${gflops.toFixed(0)} GFLOP/s`;
  return `${name.padEnd(11)}yes  ${device ?? 'unknown device'}${speed} (${version ?? 'unknown version'}; ${reason})\n`;
}
