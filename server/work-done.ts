// What long requests share: progress under the token of the client, and errors that are for people.

import { type Connection, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { messageOf } from './text/error-message.ts';
import type { ReportProgress } from './training-service.ts';

/** Reports LSP work-done progress, if the client has made a token for it, while `work` goes on. */
export async function withProgress<R>(
  connection: Connection,
  token: string | number | undefined,
  title: string,
  work: (report: ReportProgress) => Promise<R>,
): Promise<R> {
  const send = (value: object) => {
    if (token !== undefined) void connection.sendNotification('$/progress', { token, value });
  };
  send({ kind: 'begin', title, cancellable: true, percentage: 0 });
  try {
    return await work((done, message) => send({ kind: 'report', percentage: Math.round(done * 100), message }));
  } finally {
    send({ kind: 'end' });
  }
}

/** Errors for people: the message alone, without the name of the request. */
export async function failing<R>(work: () => R | Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    throw new ResponseError(LSPErrorCodes.RequestFailed, messageOf(error));
  }
}
