// Starts a real VS Code server and opens its web workbench in headless Chromium.
import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.tips.enabled': false,
  'git.enabled': false,
  'chat.commandCenter.enabled': false,
};

/**
 * Starts a VS Code server with an empty profile.
 * @param {{ main: string, vsix: string, log: string, settings?: object }} options
 */
export async function startServer({ main, vsix, log, settings }) {
  const data = mkdtempSync(join(tmpdir(), 'crosstag-vscode-'));
  mkdirSync(join(data, 'data', 'User'), { recursive: true });
  writeFileSync(join(data, 'data', 'User', 'settings.json'), JSON.stringify({ ...SETTINGS, ...settings }));
  const folders = ['--server-data-dir', data, '--extensions-dir', join(data, 'extensions')];
  execFileSync(process.execPath, [main, ...folders, '--install-extension', vsix], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      ...[main, ...folders, '--host', '127.0.0.1', '--port', String(port), '--without-connection-token'],
      ...['--accept-server-license-terms', '--disable-workspace-trust', '--telemetry-level', 'off'],
    ],
    // '{}': nothing is looked up in a marketplace.
    { env: { ...process.env, EXTENSIONS_GALLERY: '{}' }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const output = createWriteStream(log);
  let seen = '';
  await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output.write(chunk);
      seen += chunk;
      if (seen.includes('Extension host agent started')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`The VS Code server ended with ${code}:\n${seen}`)));
  });
  // Extension hosts outlive their server by a second or two and still write: the whole process group is ended. A training has a
  // group of its own, and ends when the language server has gone.
  const signal = (name) => {
    try {
      return process.kill(-child.pid, name);
    } catch {
      return false;
    }
  };
  const kill = () => signal('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    signal('SIGTERM');
    for (let i = 0; i < 50 && signal(0); i++) await sleep(100);
    kill();
    process.off('exit', kill);
    output.end();
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  return { authority: `127.0.0.1:${port}`, data, stop };
}

/**
 * Opens a folder in the workbench.
 * @param {{ authority: string }} server
 * @param {{ browser: string, folder: string, file?: string, development?: string, tests?: string,
 *   prepare?: (page: import('playwright-core').Page) => Promise<void> }} options
 *   `development`: an extension under development; `tests`: a module whose `run()` the extension host calls
 */
export async function openWorkbench(server, options) {
  const remote = (path) => `vscode-remote://${server.authority}${path}`;
  const payload = [];
  if (options.file) payload.push(['openFile', remote(options.file)]);
  if (options.development) payload.push(['extensionDevelopmentPath', remote(options.development)]);
  if (options.tests) payload.push(['extensionTestsPath', remote(options.tests)]);
  const query = new URLSearchParams({ folder: options.folder, payload: JSON.stringify(payload) });
  const browser = await chromium.launch({
    executablePath: options.browser,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
  const page = await browser.newPage({ viewport: { width: 1200, height: 750 }, deviceScaleFactor: 1 });
  // Nothing but our own server is contacted.
  await page.route(
    (url) => url.host !== server.authority && /^(https?|wss?):$/.test(url.protocol),
    (route) => route.abort(),
  );
  await options.prepare?.(page);
  await page.goto(`http://${server.authority}/?${query}`, { waitUntil: 'domcontentloaded' });
  await page.waitForSelector('.monaco-workbench', { timeout: 60_000 });
  return { browser, page };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
