import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALLOCATOR, AS_TYPED } from '../../../server/encoder/allocator.ts';
import { CLI, crosstag, start } from './run.ts';

const COMMANDS = [
  'doctor',
  'convert',
  'lint',
  'eval',
  'agreement',
  'vectors',
  'pretrain',
  'bli',
  'train',
  'tag',
  'retrain',
  'status',
  'simulate',
  'report',
];

const [SETTING = ''] = Object.keys(ALLOCATOR);

describe('usage', () => {
  it('lists every command, and only what exists', async () => {
    const { status, stdout } = await crosstag(['--help']);
    expect(status).toBe(0);
    const listed = [...stdout.matchAll(/^ {2}crosstag (\S+)/gm)].map(([, name]) => name);
    expect(listed).toEqual([...COMMANDS, 'completion']);
  });

  it('finds every command in the README', () => {
    const listed = [...readFileSync('README.md', 'utf8').matchAll(/^\| `crosstag (\w+)/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual([...COMMANDS, 'completion'].sort());
  });

  it.each(COMMANDS)('%s --help shows an example and the flags of all commands', async (command) => {
    const { status, stdout, stderr } = await crosstag([command, '--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`Examples:\\n  crosstag ${command} `));
    const general = stdout.slice(stdout.indexOf('\nGeneral:\n'));
    expect([...general.matchAll(/^ +(?:-h, )?--(\w+) /gm)].map(([, flag]) => flag).slice(0, 5)).toEqual([
      ...['seed', 'threads', 'engine', 'help', 'version'],
    ]);
  });

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await crosstag(['--version'])).stdout.trim()).toBe(version);
  });

  it('says which engines there are, and how much memory', async () => {
    const { status, stdout } = await crosstag(['doctor', '--threads', '1', '--json']);
    const { picked, memory } = JSON.parse(stdout) as { picked: string; memory: { total: number; free: number } };
    expect({ status, picked }).toEqual({ status: 0, picked: expect.stringMatching(/^\w+$/) });
    expect(memory.free).toBeGreaterThan(0);
    expect(memory.total).toBeLessThanOrEqual(totalmem());
    expect((await crosstag(['doctor', '--threads', '1'])).stdout).toMatch(
      /^memory: \d+\.\d GB, \d+\.\d GB of them free\npre-training with two languages takes up to: tiny 1\.\d GB, .*paper \d\.\d GB/m,
    );
  }, 60_000);

  it.runIf(process.platform === 'linux')(
    'gives freed memory back, as people start it',
    () => {
      const paper = (program: string, args: readonly string[]) => {
        const { [SETTING]: _, ...env } = process.env;
        const { stdout } = spawnSync(program, [...args, 'doctor', '--threads', '1', '--json'], { env });
        const { memory } = JSON.parse(stdout.toString('utf8')) as { memory: { pretraining: { bytes: number }[] } };
        return memory.pretraining.at(-1)!.bytes;
      };
      expect(paper(CLI, [])).toBeLessThan(6.5e9);
      expect(paper(process.execPath, [CLI])).toBeGreaterThan(7e9);
      expect(readFileSync(CLI, 'utf8').split(' node\n', 1)[0]).toMatch(new RegExp(` ${AS_TYPED}$`));
    },
    60_000,
  );

  it('leaves nothing in the home folder: the telemetry of onnxruntime is off', () => {
    const home = mkdtempSync(join(tmpdir(), 'crosstag-home-'));
    const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...env } = process.env;
    try {
      const doctor = spawnSync(process.execPath, [CLI, 'doctor', '--threads', '1'], { env: { ...env, HOME: home } });
      expect(doctor.status).toBe(0);
      expect(readdirSync(home)).toEqual([]);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }, 60_000);

  it('prints a completion script', async () => {
    const { status, stdout } = await crosstag(['completion']);
    expect(status).toBe(0);
    expect(stdout).toContain('crosstag');
  });

  it.each([
    [[], 'no command given'],
    [['frobnicate'], 'frobnicate'],
    [['lint'], 'Not enough'],
    [['lint', 'x', '--frobnicate'], 'frobnicate'],
    [['lint', 'x', '--report', 'pdf'], 'pdf'],
    [['train', '--train', 'x'], 'out'],
    [['train', '--train', 'x', '--out', 'y', '--epochs', '0'], '--epochs'],
    [['train', '--train', 'x', '--out', 'y', '--seed', '1.5'], '--seed'],
    [['train', '--train', 'x', '--out', 'y', '--weights', 'z=2'], 'z is not among those of --train'],
    [['train', '--train', 'x', '--out', 'y', '--weights', 'x=0'], 'a number W above 0, not x=0'],
    [['train', '--train', 'x', '--out', 'y', '--weights', 'x'], '--weights takes FILE=W'],
    [['train', '--train', 'x', '--out', 'y', '--weights', 'x=2', '--weights', 'x=3'], 'names x twice'],
    [['tag', 'm', 'x', '--bogus'], 'bogus'],
    [['tag', 'm', 'x', '--nbest', '2'], '--json'],
    [['pretrain', '--text', 'en=x', '--out', 'y'], '--text takes a text of two languages or more'],
    [['pretrain', '--text', 'en=x', '--text', 'EN=z', '--out', 'y'], '--text names EN twice'],
    [['pretrain', '--text', 'en=x', '--text', 'english=z', '--out', 'y'], '--text: english is no language tag'],
    [['pretrain', '--text', 'en=x', '--text', 'am', '--out', 'y'], '--text takes LANGUAGE=FILE, not am'],
    [['pretrain', '--text', 'en=x', 'am=z', '--vectors', 'ar=v', '--out', 'y'], '--vectors: there is no text in ar'],
    [['pretrain', '--text', 'en=x', 'am=z', '--template', 'winit_layer_avl', '--out', 'y'], '--vectors'],
    [['pretrain', '--text', 'en=x', 'am=z', '--minutes', '0', '--out', 'y'], '--minutes takes a number above 0'],
    [['pretrain', '--text', 'en=x', 'am=z', '--steps', '0.5', '--out', 'y'], '--steps'],
    [['pretrain', '--text', 'en=x', 'am=z', '--size', 'huge', '--out', 'y'], 'huge'],
    [['report', 'x', '--json', '--out', '-'], '--json and --out - cannot both'],
    [['doctor', '--threads', 'many'], '--threads'],
    [['tag', 'm', 'x', '--out', 'o1', '--out', 'o2'], '--out is given twice'],
    [['convert', '-', '-', '--to', 'conll', '--to', 'conllu'], '--to is given twice'],
    [['convert', '-', '-', '--from', 'conll', '--format', 'conll'], '--from is given twice'],
    [['eval', '-', '--fail-under', '1', '--fail-under', '2'], '--fail-under is given twice'],
    [['eval', '-', '--fail-under', '80%'], '--fail-under takes a number from 0 to 100'],
    [['eval', '-', '--fail-under', '101'], '--fail-under takes a number from 0 to 100'],
  ])('%j is bad usage: one line, status 2', async (args, part) => {
    const { status, stdout, stderr } = await crosstag(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    const named = COMMANDS.includes(args[0] ?? '') ? `${args[0]} ` : '';
    expect(stderr).toMatch(new RegExp(`^crosstag: [^\\n]+; see crosstag ${named}--help\\n$`));
    expect(stderr).toContain(part);
  });

  it('goes on where nobody reads what it says', async () => {
    const { child, end } = start(['convert', 'samples/wolof/test.conllu', '-', '--to', 'conll']);
    child.stdin.end();
    child.stderr.destroy();
    const { status, stdout } = await end;
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Jimbulang NOUN\n/);
  });

  it('ends quietly where nobody reads on', () => {
    const run = spawnSync('sh', [
      '-c',
      `"${process.execPath}" "${CLI}" convert samples/portuguese/train.iob2 - | head -1`,
    ]);
    expect(run.stdout.toString()).toBe('# newdoc id = batch-0000\n');
    expect(run.stderr.toString()).not.toContain('EPIPE');
    expect(run.stderr.toString()).not.toContain('at ');
  });
});
