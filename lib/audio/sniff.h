/* A first look at a sound file, before any library parses it.
 *
 * libsndfile knows some thirty formats, each with a parser that a hostile file can aim at. Only
 * these get past here: RIFF WAVE, FLAC, Ogg, and MPEG audio with or without an ID3v2 tag in front.
 * And of WAVE files only those whose chunks lie within the file, and whose LIST items lie within
 * their chunk: an item of nearly 4 GiB sends libsndfile 1.2.0 round in circles for ever. */
#ifndef EARSHOT_AUDIO_SNIFF_H
#define EARSHOT_AUDIO_SNIFF_H

struct err;

/* fd is an open regular file whose position does not matter and does not change; path is for the
 * sentence. ERR_UNSUPPORTED: none of these; ERR_UNREADABLE: a WAVE file that is damaged. */
int sniff_file(int fd, const char *path, struct err *e);

#endif
