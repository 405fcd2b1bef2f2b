// All rules of streaming hold for what lies in a bucket: the same tests as for a folder, on another storage.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { always } from '../harness.mjs';
import { s3Settings, startSwift } from './swift.mjs';

const folder = mkdtempSync(join(tmpdir(), 'earshot-stream-')), swift = await startSwift();

always.settings = s3Settings(folder, swift.url, {}, true);
await import('../api/stream.test.mjs');

after(async () => {
	await swift.stop();
	rmSync(folder, { recursive: true, force: true });
});
