/* What the server says of who uses the page. */

import { get, signedIn } from '../api.js';
import { patiently } from '../connection.js';
import { session, showSession } from '../session.js';
import { read, who, WHO, write } from '../store.js';

/* Takes over the answer of GET or POST /session. → whether it knows who this is; a page that was somebody else's begins
 * anew, with their own drawer. */
export async function met(answer) {
	const { access, user } = answer;

	if (!user && access === 'accounts') return false;
	const now = user ? { id: user.id, login: user.login, role: user.role } : {};
	/* What is written anew wakes other pages of this browser that wait for somebody to sign in. */
	write(WHO, { ...now, until: answer.expires_at });
	/* Where the browser keeps nothing, beginning anew would go on for ever. */
	if ((now.id !== who?.id || who?.out) && read(WHO)?.id === now.id) {
		location.reload();
		await new Promise(() => {});
	}
	session.user = user;
	session.answer = answer;
	showSession();
	return true;
}

/* The session as the server has it now; one signs in if need be. Throws Refused. */
export async function ask() {
	if (!await met(await patiently(() => get('session')))) await signedIn();
	return session;
}

/* It has said no to what the page thought was allowed. */
addEventListener('forbidden', () => ask().catch(() => {}));
