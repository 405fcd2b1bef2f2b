// A Debian host as its README chapter leaves it, but for what only root may have: the user is an ordinary one, the
// port a free one, and what is in /etc and /var there is in the folder of the host.

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../harness.mjs';
import { Host } from './host.mjs';

export class DebianHost extends Host {
	fastcgi = true;

	async open() {
		await this.startDatabase();
		await this.make('install');
		await this.choosePort();
		this.settings({ workers: 1, token_requests_per_minute: 100000, database_socket: this.socket, database_name: 'music', database_user: 'musician' });
		this.write('earshot/etc/database-password', `${this.password}\n`, 0o600);
		mkdirSync(join(this.prefix, 'var'), { mode: 0o750 });
		await this.give();
		const { code, stderr } = await this.earshot('migrate');
		assert.equal(code, 0, stderr);
		const added = await this.run([join(this.prefix, 'bin/earshot'), 'user', 'add', 'ada', '--role', 'admin'], { input: `${this.secret}\n` });
		assert.equal(added.code, 0, added.stderr);
		await this.signIn();
	}

	// The root of a package that is installed, or only unpacked.
	packageAt(name, file) {
		return existsSync(file) ? '/' : join(build, name);
	}

	// A package's folder where this machine has none.
	take(from, to) {
		cpSync(from, join(this.folder, to), { recursive: true, verbatimSymlinks: true });
	}

	upgrade() {
		return this.make('install');
	}
}
