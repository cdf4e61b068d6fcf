#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=4194304 node
// The setting is that of encoder/allocator.ts.
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { version } from '../package.json';
import { agreement } from './cli/agreement.ts';
import { bli } from './cli/bli.ts';
import { type Command, type ExitStatus, givenOnce, Interrupted, toModule, toYargs } from './cli/command.ts';
import { convert } from './cli/convert.ts';
import { doctor } from './cli/doctor.ts';
import { evaluate } from './cli/eval.ts';
import { interruptSignal } from './cli/interrupt.ts';
import { lint } from './cli/lint.ts';
import { isClosedPipe, say } from './cli/output.ts';
import { pretrain } from './cli/pretrain.ts';
import { report as showReport } from './cli/report.ts';
import { retrain } from './cli/retrain.ts';
import { simulate } from './cli/simulate.ts';
import { status } from './cli/status.ts';
import { tag } from './cli/tag.ts';
import { train } from './cli/train.ts';
import { vectors } from './cli/vectors.ts';
// The command line: the same code as the extension, without an editor. One command a file in cli/.
import { memoryError, messageOf } from './text/error-message.ts';
import { fileError, InputError } from './text/index.ts';

/** Runs one command line to its end. */
async function main(): Promise<ExitStatus> {
  const signal = interruptSignal();
  const outcome: { end: ExitStatus | Error } = { end: 0 };
  const names = new Set<string>();
  const add = <T>(command: Command<T>) => {
    names.add(command.usage.split(' ')[0]!);
    return toModule(command, signal, (result) => {
      outcome.end = result;
    });
  };
  const parser = yargs()
    .scriptName('crosstag')
    .usage('Labels text in CoNLL, CoNLL-U and plain files, with a tagger that was trained on this machine.')
    .command(add(doctor))
    .command(add(convert))
    .command(add(lint))
    .command(add(evaluate))
    .command(add(agreement))
    .command(add(vectors))
    .command(add(pretrain))
    .command(add(bli))
    .command(add(train))
    .command(add(tag))
    .command(add(retrain))
    .command(add(status))
    .command(add(simulate))
    .command(add(showReport))
    .completion('completion', 'Print a completion script: crosstag completion >> ~/.bashrc (or ~/.zshrc)')
    .demandCommand(1, 'no command given')
    .strict()
    .check(givenOnce)
    .locale('en')
    .version(version)
    .help()
    .alias('h', 'help')
    .wrap(Math.min(120, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    });
  const argv = hideBin(process.argv);
  try {
    await parser.parseAsync(toYargs(argv));
  } catch (error) {
    const command = names.has(argv[0] ?? '') ? `${argv[0]} ` : '';
    say(`crosstag: ${oneLine(error)}; see crosstag ${command}--help`);
    return 2;
  }
  return typeof outcome.end === 'number' ? outcome.end : report(outcome.end);
}

/** One message for people, never a stack trace; the trace of a mistake of ours is shown on request. */
function report(error: Error): ExitStatus {
  if (isClosedPipe(error)) return 0;
  if (error instanceof Interrupted) {
    say(`crosstag: ${error.message}`);
    return 130;
  }
  const known = memoryError(error) ?? fileError(error, (error as NodeJS.ErrnoException).path ?? 'crosstag');
  if (known instanceof InputError) {
    say(known.message);
    return 2;
  }
  say(`crosstag: an error of ours: ${oneLine(error)}; please report it with the output under CROSSTAG_DEBUG=1`);
  if (process.env.CROSSTAG_DEBUG !== undefined) say(error.stack ?? error.message);
  return 2;
}

function oneLine(error: unknown): string {
  return messageOf(error)
    .trim()
    .replace(/\s*\n\s*/g, ' ');
}

// Errors of stdout reach whoever printed (print in output.ts); without a listener Node would end with a stack trace.
process.stdout.on('error', () => undefined);
// Nobody reads what people are told: the work goes on.
process.stderr.on('error', () => undefined);
main().then((status) => {
  process.exitCode = status;
});
