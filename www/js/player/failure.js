/* Why a take does not sound, in a sentence. */

import { get, Refused } from '../api.js';
import { session } from '../session.js';

/* The element does not say whether it was the file or the server: ask. error: the element's. */
export async function reason(id, error) {
	const before = session.answer;

	try {
		await get(`audio/${id}`);
	} catch (e) {
		return e instanceof Refused ? e.message : 'The sound could not be fetched; press play to try again.';
	}
	if (session.answer !== before) return 'The session had ended; press play to go on.';
	return error?.code === MediaError.MEDIA_ERR_NETWORK
		? 'The sound stopped coming; press play to go on.'
		: 'This browser cannot play the file; download it, or choose another format.';
}
