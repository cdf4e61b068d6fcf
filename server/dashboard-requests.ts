// The request for the dashboard of a workspace folder.
import type { Connection } from 'vscode-languageserver/node';
import { answer } from './custom-messages.ts';
import { dashboardBody } from './features/dashboard/index.ts';
import type { LabelKeys } from './features/label-keys.ts';
import type { LanguageServer } from './language-server.ts';
import { gatherDashboard } from './learning/gather-dashboard.ts';
import { ProjectCounts } from './learning/project-counts.ts';
import { DashboardRequest } from './protocol.ts';
import type { Task } from './text/index.ts';
import { failing } from './work-done.ts';
import { disk } from './workspace/disk.ts';

/** @param keys which key gives which label */
export function listenToDashboardRequests(connection: Connection, server: LanguageServer, keys: LabelKeys): void {
  const open = (path: string) => [...server.documents.all()].find((document) => document.path === path);
  const warn = (message: string) => connection.console.warn(message);
  const counts = new ProjectCounts({
    open,
    read: (path) => server.documentFromDisk(path),
    warn,
  });
  const keysOf = (task: Task) => {
    const document = [...server.documents.all()].find((document) => document.task === task);
    return document === undefined ? [] : keys.of(document);
  };
  answer(connection, DashboardRequest, ({ folder }) =>
    failing(async () => {
      const journal = await server.journal.journalOf(folder);
      const state = server.learning.stateOf(folder);
      // The order of the keys stays as it was first asked for: not before it is known what crosstag.json says.
      await Promise.all(Array.from(server.documents.all(), ({ uri }) => server.document(uri)));
      const data = await gatherDashboard(folder, { files: disk, journal, counts, warn, keys: keysOf, state });
      return { name: data.name, body: dashboardBody(data) };
    }),
  );
}
