import './activation.ts';
import './decorations.ts';
import './diagnostics.ts';
import './hover.ts';
import './suggestions.ts';
import './relabel.ts';
import './project.ts';
import './manifest.ts';
