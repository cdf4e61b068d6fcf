// The requests about retraining and the versions of models.
import type { Connection } from 'vscode-languageserver/node';
import { answer } from './custom-messages.ts';
import type { LanguageServer } from './language-server.ts';
import { PauseTrainingRequest, RestoreVersionRequest, RetrainRequest, VersionsRequest } from './protocol.ts';
import { failing, withProgress } from './work-done.ts';

export function listenToLearningRequests(connection: Connection, server: LanguageServer): void {
  answer(connection, RetrainRequest, ({ folder, workDoneToken }, token) =>
    failing(() =>
      withProgress(connection, workDoneToken, 'Training on your labels', (progress) =>
        server.learning.retrain(folder, progress, token),
      ),
    ),
  );
  answer(connection, PauseTrainingRequest, ({ folder, paused }) =>
    failing(() => server.learning.pause(folder, paused)),
  );
  answer(connection, VersionsRequest, ({ folder, score, workDoneToken }, token) =>
    failing(async () => ({
      versions: await withProgress(connection, workDoneToken, 'Comparing models', (progress) =>
        server.learning.versions(folder, score, progress, token),
      ),
    })),
  );
  answer(connection, RestoreVersionRequest, ({ folder }) => failing(() => server.learning.restore(folder)));
}
