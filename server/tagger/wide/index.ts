// The door of the wide tagger: discrete features of words and their neighbours, straight to the tags.
export { WideModel } from './model.ts';
export { trainWide, type WideOptions, type WideProgress } from './train.ts';
