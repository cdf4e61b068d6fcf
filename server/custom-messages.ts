// Custom messages, typed by protocol.ts. The server library brings a protocol library of its own, another version than
// the one that protocol.ts shares with the client, so the messages go by their names.
import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import type { NotificationType, RequestType } from 'vscode-languageserver-protocol';

export function notify<P>(connection: Connection, { method }: NotificationType<P>, params: P): void {
  void connection.sendNotification(method, params);
}

export function answer<P, R>(
  connection: Connection,
  { method }: RequestType<P, R, void>,
  handler: (params: P, token: CancellationToken) => R | Promise<R>,
): void {
  connection.onRequest<unknown, void>(method, handler);
}
