// @ts-check
// npm run test:electron: the suite in the desktop VS Code that @vscode/test-electron downloads, with the VSIX installed.
import { spawnSync } from 'node:child_process';
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';
import { bundleSuite, copyWorkspace, host, packageExtension, trainModel } from './prepare.mjs';

const [vsix, model, extensionTestsPath] = [await packageExtension(), await trainModel(), await bundleSuite()];
const vscodeExecutablePath = await downloadAndUnzipVSCode();
const [cli, ...args] = resolveCliArgsFromVSCodeExecutablePath(vscodeExecutablePath);
if (cli === undefined) throw new Error(`no command line beside ${vscodeExecutablePath}`);
const installed = spawnSync(cli, [...args, '--install-extension', vsix, '--force'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (installed.status !== 0) throw new Error(`VS Code did not install ${vsix}`);
await runTests({
  vscodeExecutablePath,
  extensionDevelopmentPath: host,
  extensionTestsPath,
  launchArgs: [await copyWorkspace(model), '--disable-workspace-trust'],
});
