// Custom requests and notifications between the extension (client) and the language server, beside standard LSP.
// The only file of server/ that extension/ imports; nothing here or in protocol/ imports more than the protocol library.
import { NotificationType } from 'vscode-languageserver-protocol';

export * from './protocol/bulk.ts';
export * from './protocol/labels.ts';
export * from './protocol/learning.ts';
export * from './protocol/models.ts';
export * from './protocol/review.ts';

/**
 * What the client may say in `initialize`. A standard LSP client needs to say nothing: it is then trusted.
 * A client must sync `.ann` files too (raw text has its labels there) for unsaved labels to be seen.
 */
export interface InitializationOptions {
  /** False: view and lint only; no model is loaded or trained, until `crosstag/trusted`. */
  readonly trusted?: boolean;
  /** Settings for clients without `workspace/configuration`; same shape as the section `crosstag`. */
  readonly settings?: unknown;
}

/** Client -> server: the user has trusted the workspace. */
export const TrustGranted = new NotificationType<void>('crosstag/trusted');
