// Installs what the editor tests need beyond npm: a real VS Code (code-server's build of 1.99.3: server and web workbench,
// from npm) in a cache of this user, Chromium, and fonts for the scripts in the test files.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = join(dirname(fileURLToPath(import.meta.url)), 'code-server');
const VERSION = '4.99.4';
const caches = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'crosstag');
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** Debian's packages for what is missing; the second is a file that tells that it is there. */
const FONTS = [
  ['fonts-noto-core', '/usr/share/fonts/truetype/noto/NotoSansEthiopic-Regular.ttf'],
  ['fonts-noto-cjk', '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'],
];

/**
 * @returns {Promise<{ server: string, browser: string }>} the VS Code server's main file and the browser's program
 * @throws Error that names what has to be installed by hand
 */
export async function setup() {
  if (platform() !== 'linux') {
    throw new Error('These tests drive a VS Code server on Linux; elsewhere run `npm run test:electron`.');
  }
  const home = join(caches, `code-server-${VERSION}`);
  if (!existsSync(home)) await installServer(home);
  return { server: join(home, 'node_modules/code-server/lib/vscode/out/server-main.js'), browser: installBrowser() };
}

/** Installs into a folder beside `home` and renames it: an interrupted set-up leaves no half of a server. */
async function installServer(home) {
  console.log(`Installing VS Code (code-server ${VERSION}) into ${home} ...`);
  await mkdir(caches, { recursive: true });
  const fresh = mkdtempSync(`${home}-`);
  try {
    await cp(here, fresh, { recursive: true });
    // code-server's own install scripts would compile C++ modules and download from GitHub: none is run.
    npm(fresh, 'ci', '--ignore-scripts');
    const vscode = join(fresh, 'node_modules/code-server/lib/vscode');
    // VS Code's run-time modules: `npm ci` refuses its shrinkwrap, `npm install` follows it.
    npm(vscode, 'install', '--ignore-scripts', '--omit=dev');
    // What the scripts would have done: an alias, and ripgrep (`findFiles`) from its npm platform package.
    await symlink('node_modules', join(vscode, 'node_modules.asar'));
    const ripgrep = join(vscode, 'node_modules/@vscode/ripgrep');
    await mkdir(join(ripgrep, 'bin'), { recursive: true });
    await symlink('../../../../../../../@vscode/ripgrep-linux-x64/bin/rg', join(ripgrep, 'bin/rg'));
    // Two C++ modules are loaded at the start: plain JavaScript stands in for them.
    await cp(join(here, 'stubs/spdlog.cjs'), join(vscode, 'node_modules/@vscode/spdlog/index.js'));
    await cp(join(here, 'stubs/native-watchdog.cjs'), join(vscode, 'node_modules/native-watchdog/index.js'));
    await rename(fresh, home);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}

function installBrowser() {
  const missing = FONTS.filter(([, file]) => !existsSync(file)).map(([name]) => name);
  const browser = () => [process.env.CHROMIUM, ...BROWSERS].find((path) => path !== undefined && existsSync(path));
  if (browser() === undefined) missing.push('chromium');
  if (missing.length > 0 && process.getuid() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log(`Installing ${missing.join(', ')} ...`);
    const apt = (...args) => execFileSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...missing);
  }
  const found = browser();
  if (found === undefined) {
    throw new Error(
      'Chromium is missing: install it (`sudo apt-get install chromium`) or set CHROMIUM to its program.',
    );
  }
  return found;
}

function npm(cwd, ...args) {
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
