// The requests of actions on many places at once, in editor terms.
import type * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import {
  AcceptAllRequest,
  type BulkScope,
  CountSuggestionsRequest,
  type Hit,
  type HitPlace,
  type Hits,
  LabelHitsRequest,
  OccurrencesRequest,
  SearchRequest,
  type StructureParams,
  StructureRequest,
} from '../server/protocol.ts';
import { type LabelEdit, labelEditOf } from './label-edit.ts';
import { type Progress, trackProgress } from './progress.ts';

/** A place that may be relabelled. */
export interface FoundHit extends Omit<Hit, 'uri' | 'range'> {
  readonly uri: vscode.Uri;
  readonly range: vscode.Range;
}

export interface Found {
  readonly hits: readonly FoundHit[];
  /** There are more, which are left out. */
  readonly more: boolean;
}

/** Suggestions of one file. */
export interface SuggestionCount {
  readonly uri: vscode.Uri;
  readonly suggestions: number;
  readonly sentences: number;
}

/** What cannot be done, for people. */
interface Refused {
  readonly refused: string;
}

export class BulkConnection {
  constructor(private readonly client: LanguageClient) {}

  async structure(
    document: vscode.TextDocument,
    range: vscode.Range,
    what: StructureParams['what'],
  ): Promise<LabelEdit | Refused> {
    const place = { uri: this.uri(document.uri), range: this.client.code2ProtocolConverter.asRange(range) };
    const answer = await this.client.sendRequest(StructureRequest, { ...place, what });
    return 'refused' in answer ? answer : labelEditOf(this.client, answer.edit);
  }

  async countSuggestions(
    uri: vscode.Uri,
    scope: BulkScope,
    minimumProbability: number,
    progress: Progress,
    token: vscode.CancellationToken,
  ): Promise<SuggestionCount[]> {
    const { workDoneToken, listening } = trackProgress(this.client, progress);
    try {
      const params = { uri: this.uri(uri), scope, minimumProbability, workDoneToken };
      const { files } = await this.client.sendRequest(CountSuggestionsRequest, params, token);
      return files.map((file) => ({ ...file, uri: this.client.protocol2CodeConverter.asUri(file.uri) }));
    } finally {
      listening.dispose();
    }
  }

  async acceptAll(uri: vscode.Uri, minimumProbability: number, group: string): Promise<LabelEdit> {
    const params = { uri: this.uri(uri), minimumProbability, group };
    return labelEditOf(this.client, await this.client.sendRequest(AcceptAllRequest, params));
  }

  async occurrences(
    document: vscode.TextDocument,
    range: vscode.Range,
    scope: BulkScope,
    ignoreCase: boolean,
    token: vscode.CancellationToken,
  ): Promise<(Found & { readonly label: string; readonly words: string }) | Refused> {
    const place = { uri: this.uri(document.uri), range: this.client.code2ProtocolConverter.asRange(range) };
    const answer = await this.client.sendRequest(OccurrencesRequest, { ...place, scope, ignoreCase }, token);
    return 'refused' in answer ? answer : { ...answer, ...this.found(answer) };
  }

  async search(
    uri: vscode.Uri,
    scope: BulkScope,
    query: string,
    token: vscode.CancellationToken,
  ): Promise<Found | Refused> {
    const answer = await this.client.sendRequest(SearchRequest, { uri: this.uri(uri), scope, query }, token);
    return 'refused' in answer ? answer : this.found(answer);
  }

  async labelHits(uri: vscode.Uri, hits: readonly HitPlace[], label: string | null, group: string): Promise<LabelEdit> {
    const places = hits.map(({ sentence, start, end, hash }) => ({ sentence, start, end, hash }));
    const params = { uri: this.uri(uri), hits: places, label, group };
    return labelEditOf(this.client, await this.client.sendRequest(LabelHitsRequest, params));
  }

  private found({ hits, more }: Hits): Found {
    const { protocol2CodeConverter: convert } = this.client;
    return {
      hits: hits.map((hit) => ({ ...hit, uri: convert.asUri(hit.uri), range: convert.asRange(hit.range) })),
      more,
    };
  }

  private uri(uri: vscode.Uri): string {
    return this.client.code2ProtocolConverter.asUri(uri);
  }
}
