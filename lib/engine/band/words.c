#include "engine/band/words.h"

#include <string.h>

const char *const role_names[ROLE_COUNT + 1] = {
	"drums", "bass", "chords", "pad", "melody", "counter", NULL,
};

const char *const role_words[ROLE_COUNT] = {
	[ROLE_DRUMS] = "drums, drum, drummer, drumming, percussion, percussive, beat, beats, "
		"schlagzeug, batterie, bateria",
	[ROLE_BASS] = "bass, bassline, bass line, basses",
	[ROLE_CHORDS] = "chords, accompaniment, harmony, comping, rhythm section",
	[ROLE_PAD] = "pad, pads, background chords",
	[ROLE_MELODY] = "melody, lead melody, tune, lead line, melodie, melodia",
	[ROLE_COUNTER] = "counter melody, countermelody, counterpoint",
};

const char words_negation[] = "no, without, not, minus, except, avoid, exclude, never, dont use, "
	"do not use, free of, ohne, kein, keine, sans, sin, sem";
const char words_joining[] = "or, nor, and, any, und, oder, et, ou, y, o, e";
const char words_solo[] = "solo, only, just, alone, unaccompanied, nothing but, nur, seulement, "
	"solamente";
const char words_fade[] = "fade out, fades out, fading out, fade away, fades away, fadeout";
const char words_voice[] = "vocals, vocal, lyrics, singing, singer, sung, rap, rapping, rapper";
const char words_filler[] =
	"&, a, an, the, some, any, and, or, with, in, at, of, on, by, for, to, from, as, but, "
	"then, that, this, these, is, it, its, be, has, have, like, into, over, under, very, "
	"really, quite, rather, so, too, more, slightly, little, bit, lots, lot, much, feel, "
	"feeling, vibe, vibes, style, styled, mood, sound, sounds, sounding, music, musical, song, "
	"track, tune, piece, composition, instrumental, instrument, instruments, loop, jam, theme, "
	"number, arrangement, background, tempo, bpm, beats per minute, per minute, minute, key, "
	"please, make, create, compose, write, play, played, playing, plays, generate, give, me, "
	"i, we, you, want, need, would, about, good, great, nice, featuring, feat, feature, "
	"features, led, driven, based, inspired, main, simple, short, long, am, are, was, my, "
	"your, his, her, someone, something, who, which, when, while, there, where, all, musik, "
	"musique, musica, lied, stuck, chanson, cancion, morceau, au, aux, time, signature, meter, "
	"metre, mode, scale, tuning, ein, eine, der, die, das, mit, und, im, un, une, le, la, les, "
	"avec, et, de, du, con, el, los, las, y, com, um, uma, e, o, da, do";

/* The trims make a phrase about as loud on each, by EBU R 128, with the FluidR3 soundfont. */
const struct instrument instruments[] = {
	{ "piano", "grand piano, acoustic piano, klavier, concert grand, pianoforte", 0,
		FAMILY_KEYS, 28, 96, 3, 3, 1, 1, true, 127 },
	{ "bright piano", "upright piano", 1, FAMILY_KEYS, 28, 96, 3, 3, 1, 1, true, 130 },
	{ "honky tonk piano", "saloon piano, ragtime piano, honky tonk", 3, FAMILY_KEYS, 36,
		90, 3, 3, 0, 1, true, 133 },
	{ "electric piano", "rhodes, fender rhodes, e piano, epiano, wurlitzer, wurli, keys",
		4, FAMILY_KEYS, 33, 92, 3, 3, 2, 1, true, 86 },
	{ "fm piano", "dx 7, fm electric piano", 5, FAMILY_KEYS, 33, 92, 3, 3, 2, 1, true, 112 },
	{ "harpsichord", "cembalo, clavecin", 6, FAMILY_KEYS, 36, 86, 3, 3, 0, 1, true, 94 },
	{ "clavinet", "clav, clavi", 7, FAMILY_KEYS, 36, 84, 2, 3, 0, 1, true, 104 },
	{ "celesta", "celeste", 8, FAMILY_MALLETS, 60, 100, 3, 1, 0, 0, true, 103 },
	{ "glockenspiel", "glock, bells", 9, FAMILY_MALLETS, 67, 103, 3, 1, 0, 0, true, 110 },
	{ "music box", "musicbox, toy piano", 10, FAMILY_MALLETS, 60, 96, 3, 2, 0, 0, true, 102 },
	{ "vibraphone", "vibes solo, vibraphon, vibraharp", 11, FAMILY_MALLETS, 53, 89, 3, 2,
		1, 0, true, 132 },
	{ "marimba", "", 12, FAMILY_MALLETS, 48, 91, 3, 2, 0, 1, true, 107 },
	{ "xylophone", "", 13, FAMILY_MALLETS, 60, 100, 3, 1, 0, 0, true, 141 },
	{ "tubular bells", "church bells, chimes", 14, FAMILY_MALLETS, 60, 77, 2, 0, 0, 0,
		true, 91 },
	{ "dulcimer", "hammered dulcimer, santur, cimbalom", 15, FAMILY_FOLK, 50, 86, 3, 2,
		0, 0, true, 141 },
	{ "organ", "hammond, hammond organ, electric organ, drawbar organ, orgel, orgue", 16,
		FAMILY_ORGAN, 36, 91, 3, 3, 3, 1, false, 114 },
	{ "rock organ", "leslie organ", 18, FAMILY_ORGAN, 36, 91, 3, 3, 3, 1, false, 88 },
	{ "church organ", "pipe organ, cathedral organ", 19, FAMILY_ORGAN, 36, 96, 2, 3, 3,
		1, false, 85 },
	{ "accordion", "accordeon, akkordeon, musette", 21, FAMILY_FOLK, 53, 89, 3, 2, 2, 0,
		false, 104 },
	{ "harmonica", "blues harp, mouth organ", 22, FAMILY_FOLK, 60, 88, 3, 1, 1, 0, false, 90 },
	{ "bandoneon", "", 23, FAMILY_FOLK, 48, 88, 3, 2, 2, 0, false, 99 },
	{ "nylon guitar", "classical guitar, spanish guitar, flamenco guitar", 24,
		FAMILY_GUITAR, 40, 79, 3, 3, 0, 0, true, 105 },
	{ "acoustic guitar", "steel guitar, steel string guitar, western guitar, folk guitar, "
		"strummed guitar", 25, FAMILY_GUITAR, 40, 81, 3, 3, 0, 0, true, 111 },
	{ "jazz guitar", "hollow body guitar", 26, FAMILY_GUITAR, 40, 82, 3, 3, 0, 0, true, 87 },
	{ "clean guitar", "electric guitar, clean electric guitar, stratocaster, telecaster",
		27, FAMILY_GUITAR, 40, 84, 3, 3, 0, 0, true, 101 },
	{ "muted guitar", "palm muted guitar, funk guitar", 28, FAMILY_GUITAR, 40, 79, 1, 3,
		0, 0, true, 141 },
	{ "overdriven guitar", "overdrive guitar, crunch guitar, crunchy guitar", 29,
		FAMILY_GUITAR, 40, 86, 3, 3, 1, 0, false, 74 },
	{ "distorted guitar", "distortion guitar, heavy guitar, heavy guitars, "
		"distorted guitars", 30, FAMILY_GUITAR, 40, 86, 3, 3, 1, 0, false, 65 },
	{ "acoustic bass", "upright bass, double bass, contrabass, string bass, kontrabass, "
		"contrebasse", 32, FAMILY_BASS, 28, 55, 1, 0, 0, 3, true, 98 },
	{ "electric bass", "bass guitar, finger bass, fingered bass, e bass", 33,
		FAMILY_BASS, 28, 60, 1, 0, 0, 3, true, 95 },
	{ "picked bass", "pick bass", 34, FAMILY_BASS, 28, 60, 1, 0, 0, 3, true, 99 },
	{ "fretless bass", "", 35, FAMILY_BASS, 28, 60, 2, 0, 0, 3, true, 86 },
	{ "slap bass", "slapped bass", 36, FAMILY_BASS, 28, 60, 1, 0, 0, 3, true, 120 },
	{ "synth bass", "analog bass, analogue bass, moog bass, acid bass", 38, FAMILY_BASS,
		24, 60, 1, 0, 0, 3, false, 105 },
	{ "deep synth bass", "sub bass, 808 bass, subbass", 39, FAMILY_BASS, 24, 60, 1, 0, 0,
		3, false, 72 },
	{ "violin", "fiddle, violine, violon, violino", 40, FAMILY_STRINGS, 55, 96, 3, 0, 1,
		0, false, 89 },
	{ "viola", "bratsche", 41, FAMILY_STRINGS, 48, 84, 3, 0, 1, 0, false, 95 },
	{ "cello", "violoncello, celli, cellos",
		42, FAMILY_STRINGS, 36, 76, 3, 0, 2, 2, false, 98 },
	{ "bowed bass", "arco bass", 43, FAMILY_STRINGS, 28, 55, 1, 0, 1, 3, false, 116 },
	{ "tremolo strings", "", 44, FAMILY_STRINGS, 40, 88, 0, 1, 3, 0, false, 89 },
	{ "pizzicato strings", "pizzicato, pizz",
		45, FAMILY_STRINGS, 40, 88, 2, 3, 0, 2, true, 101 },
	{ "harp", "harfe, harpe, arpa", 46, FAMILY_FOLK, 36, 96, 2, 3, 0, 0, true, 114 },
	{ "timpani", "kettledrums", 47, FAMILY_NONE, 38, 57, 0, 0, 0, 1, true, 141 },
	{ "string ensemble", "string section, string orchestra, orchestra, orchestral, "
		"string quartet", 48, FAMILY_STRINGS, 36, 91, 2, 2, 3, 1, false, 94 },
	{ "slow strings", "soft strings, lush strings", 49, FAMILY_STRINGS, 36, 91, 1, 1, 3,
		0, false, 79 },
	{ "synth strings", "string machine, solina", 50, FAMILY_STRINGS, 36, 91, 1, 2, 3, 0,
		false, 81 },
	{ "choir", "choir aahs, chorus of voices, choral, aahs, chor, choeur, coro", 52,
		FAMILY_VOICE, 43, 84, 2, 1, 3, 0, false, 104 },
	{ "voice oohs", "oohs, humming", 53, FAMILY_VOICE, 43, 84, 2, 1, 3, 0, false, 88 },
	{ "synth choir", "synth voice, synth vox",
		54, FAMILY_VOICE, 43, 84, 2, 1, 3, 0, false, 93 },
	{ "trumpet", "trompete, trompette, trompeta", 56, FAMILY_BRASS, 54, 84, 3, 0, 0, 0,
		false, 98 },
	{ "trombone", "posaune", 57, FAMILY_BRASS, 40, 70, 3, 0, 1, 1, false, 76 },
	{ "tuba", "sousaphone", 58, FAMILY_BRASS, 28, 58, 1, 0, 0, 3, false, 88 },
	{ "muted trumpet", "harmon mute", 59, FAMILY_BRASS, 54, 84, 3, 0, 0, 0, false, 90 },
	{ "french horn", "horn, french horns, waldhorn", 60, FAMILY_BRASS, 41, 77, 3, 1, 2,
		0, false, 80 },
	{ "brass section", "horn section, brass ensemble", 61, FAMILY_BRASS, 40, 84, 2, 3, 2,
		0, false, 88 },
	{ "synth brass", "", 62, FAMILY_BRASS, 40, 86, 2, 3, 2, 0, false, 93 },
	{ "soprano sax", "soprano saxophone", 64, FAMILY_WIND, 56, 87, 3, 0, 0, 0, false, 85 },
	{ "alto sax", "alto saxophone", 65, FAMILY_WIND, 49, 80, 3, 0, 0, 0, false, 81 },
	{ "tenor sax", "tenor saxophone", 66, FAMILY_WIND, 44, 76, 3, 0, 0, 0, false, 86 },
	{ "baritone sax", "baritone saxophone, bari sax", 67, FAMILY_WIND, 37, 68, 2, 0, 0,
		1, false, 92 },
	{ "oboe", "hautbois", 68, FAMILY_WIND, 58, 88, 3, 0, 1, 0, false, 79 },
	{ "english horn", "cor anglais", 69, FAMILY_WIND, 52, 81, 3, 0, 1, 0, false, 104 },
	{ "bassoon", "fagott", 70, FAMILY_WIND, 36, 70, 3, 0, 1, 2, false, 88 },
	{ "clarinet", "klarinette, clarinette, clarinete", 71, FAMILY_WIND, 50, 88, 3, 0, 1,
		0, false, 70 },
	{ "piccolo", "", 72, FAMILY_WIND, 74, 103, 3, 0, 0, 0, false, 80 },
	{ "flute", "querflote, flote, flauta, flutes", 73, FAMILY_WIND, 60, 94, 3, 0, 1, 0,
		false, 78 },
	{ "recorder", "blockflote", 74, FAMILY_WIND, 60, 91, 3, 0, 0, 0, false, 83 },
	{ "pan flute", "panpipes, pan pipe, panflute", 75, FAMILY_WIND, 60, 91, 3, 0, 1, 0,
		false, 85 },
	{ "shakuhachi", "bamboo flute", 77, FAMILY_WIND, 58, 86, 3, 0, 0, 0, false, 79 },
	{ "whistle", "whistling, whistler", 78, FAMILY_WIND, 65, 96, 3, 0, 0, 0, false, 68 },
	{ "ocarina", "", 79, FAMILY_WIND, 62, 91, 3, 0, 0, 0, false, 78 },
	{ "square lead", "square wave, pulse wave, chip lead, 8 bit lead", 80, FAMILY_SYNTH,
		36, 96, 3, 2, 1, 1, false, 79 },
	{ "saw lead", "saw wave, sawtooth, synth lead, lead synth", 81, FAMILY_SYNTH, 36, 96,
		3, 2, 1, 1, false, 81 },
	{ "calliope lead", "calliope, soft lead", 82, FAMILY_SYNTH, 48, 96, 3, 1, 1, 0, false, 94 },
	{ "charang lead", "charang", 84, FAMILY_SYNTH, 40, 90, 3, 1, 0, 0, false, 87 },
	{ "bass lead", "bass and lead", 87, FAMILY_SYNTH, 28, 90, 2, 1, 0, 2, false, 88 },
	{ "new age pad", "fantasia, bell pad", 88, FAMILY_PAD, 40, 91, 1, 2, 3, 0, false, 90 },
	{ "warm pad", "synth pad, analog pad, soft pad", 89, FAMILY_PAD, 36, 91, 1, 1, 3, 0,
		false, 131 },
	{ "polysynth", "poly synth", 90, FAMILY_PAD, 36, 91, 2, 3, 3, 0, false, 89 },
	{ "choir pad", "space voice", 91, FAMILY_PAD, 43, 88, 1, 1, 3, 0, false, 85 },
	{ "bowed pad", "glass pad, bowed glass", 92, FAMILY_PAD, 43, 88, 1, 1, 3, 0, false, 84 },
	{ "metallic pad", "", 93, FAMILY_PAD, 40, 88, 0, 1, 3, 0, false, 72 },
	{ "halo pad", "", 94, FAMILY_PAD, 43, 88, 1, 1, 3, 0, false, 87 },
	{ "sweep pad", "sweeping pad", 95, FAMILY_PAD, 36, 88, 0, 1, 3, 0, false, 79 },
	{ "crystal", "crystal pad, crystals", 98, FAMILY_PAD, 55, 96, 2, 2, 2, 0, true, 120 },
	{ "atmosphere", "atmosphere pad", 99, FAMILY_PAD, 40, 88, 1, 3, 2, 0, true, 80 },
	{ "brightness pad", "", 100, FAMILY_PAD, 40, 91, 1, 2, 2, 0, true, 92 },
	{ "sitar", "", 104, FAMILY_FOLK, 48, 79, 3, 1, 0, 0, true, 107 },
	{ "banjo", "", 105, FAMILY_FOLK, 48, 86, 3, 3, 0, 0, true, 124 },
	{ "shamisen", "", 106, FAMILY_FOLK, 50, 79, 3, 1, 0, 0, true, 141 },
	{ "koto", "", 107, FAMILY_FOLK, 48, 86, 3, 2, 0, 0, true, 121 },
	{ "kalimba", "thumb piano, mbira", 108, FAMILY_MALLETS, 55, 91, 3, 2, 0, 0, true, 141 },
	{ "bagpipe", "bagpipes, uilleann pipes, dudelsack", 109, FAMILY_FOLK, 53, 81, 3, 0,
		1, 0, false, 85 },
	{ "steel drums", "steel drum, steelpan, steel pan", 114, FAMILY_MALLETS, 52, 88, 3,
		2, 0, 0, true, 116 },
	{ "drum kit", "acoustic drums, live drums, drum set, drumset", 0, FAMILY_DRUMS, 0,
		127, 0, 0, 0, 0, true, 112 },
	{ "room kit", "room drums", 8, FAMILY_DRUMS, 0, 127, 0, 0, 0, 0, true, 107 },
	{ "power kit", "rock drums, power drums, big drums, heavy drums", 16, FAMILY_DRUMS,
		0, 127, 0, 0, 0, 0, true, 79 },
	{ "electronic kit", "drum machine, electronic drums, electronic beats", 24,
		FAMILY_DRUMS, 0, 127, 0, 0, 0, 0, true, 93 },
	{ "808 kit", "808, tr 808, 808 s, 808 drums", 25, FAMILY_DRUMS, 0, 127, 0, 0, 0, 0,
		true, 65 },
	{ "jazz kit", "jazz drums", 32, FAMILY_DRUMS, 0, 127, 0, 0, 0, 0, true, 106 },
	{ "brush kit", "brushes, brushed drums, brush drums, soft drums", 40, FAMILY_DRUMS,
		0, 127, 0, 0, 0, 0, true, 115 },
	{ "orchestra kit", "orchestral percussion, cinematic drums, taiko, taikos", 48,
		FAMILY_DRUMS, 0, 127, 0, 0, 0, 0, true, 95 },
};

const size_t instrument_count = sizeof instruments / sizeof instruments[0];

const struct kind_word kind_words[] = {
	{ "guitar, guitars, gitarre, guitare, guitarra, violao", FAMILY_GUITAR, 0, NULL,
		"acoustic guitar" },
	{ "strings, streicher, cordes, cuerdas, cordas", FAMILY_STRINGS, 0, NULL,
		"string ensemble" },
	{ "brass, horns, brass instruments", FAMILY_BRASS, 0, NULL, "brass section" },
	{ "bells, mallets", FAMILY_MALLETS, 0, NULL, "glockenspiel" },
	{ "winds, woodwind, woodwinds, reeds", FAMILY_WIND, 0, NULL, "clarinet" },
	{ "sax, saxophone, saxofon, saxofone", FAMILY_NONE, 0, "sax", "alto sax" },
	{ "keyboard, keyboards", FAMILY_KEYS, 0, NULL, "electric piano" },
	{ "synth, synths, synthesizer, synthesiser, synthesizers, synthetic", FAMILY_SYNTH,
		FAMILY_PAD, NULL, "saw lead" },
	{ "voices, voice", FAMILY_VOICE, 0, NULL, "choir" },
};

const size_t kind_word_count = sizeof kind_words / sizeof kind_words[0];

bool
instrument_is(const struct instrument *i, const struct kind_word *kind)
{
	if (kind->family == FAMILY_NONE) return strstr(i->name, kind->part) != NULL;
	return i->family == kind->family || (kind->family2 && i->family == kind->family2);
}

const struct mood moods[] = {
	{ "gentle", "tender, soft, softly, delicate, sanft, zart, doux, suave", -10, -8, -18,
		0, 8 },
	{ "calm", "calming, peaceful, serene, tranquil, quiet, still, ruhig, calme, "
		"tranquilo, tranquila", -20, -10, -22, 0, 12 },
	{ "relaxing", "relaxed, chill, chilled, chilling, laid back, easy, easygoing, mellow, "
		"smooth, lazy, entspannt", -5, -6, -14, 0, 6 },
	{ "sad", "sorrowful, mournful, heartbroken, tearful, crying, grief, traurig, "
		"traurige, trauriges, trauriger, triste, "
		"tristes", 95, -14, -16, -2, 12 },
	{ "melancholic", "melancholy, wistful, bittersweet, longing, nostalgic, nostalgia, "
		"rainy, melancolique", 75, -8, -10, 0, 10 },
	{ "happy", "joyful, joyous, cheerful, glad, merry, sunny, frohlich, joyeux, joyeuse, "
		"feliz, alegre", -95, 8, 12, 2, -4 },
	{ "uplifting", "hopeful, inspiring, inspirational, optimistic, positive, feel good, "
		"heartwarming", -85, 3, 8, 2, 4 },
	{ "playful", "quirky, whimsical, funny, comical, silly, bouncy, cute, verspielt",
		-70, 8, 6, 4, -4 },
	{ "romantic", "loving, love, sensual, intimate, passionate, romantisch, romantique",
		-15, -8, -6, 0, 8 },
	{ "dreamy", "ethereal, floating, hazy, celestial, heavenly, dreamlike, vertraumt, "
		"reve", -25, -10, -16, 2, 24 },
	{ "sleepy", "sleep, bedtime, lulling, drowsy, soothing", -35, -18, -28, -2, 14 },
	{ "mysterious", "mystical, enigmatic, secret, haunting, eerie, spooky, creepy", 80,
		-6, -8, -3, 20 },
	{ "dark", "ominous, sinister, gloomy, grim, brooding, evil, scary, horror, duster, "
		"sombre, oscuro", 95, -6, 2, -5, 14 },
	{ "tense", "suspenseful, suspense, nervous, anxious, urgent, thrilling", 90, 6, 8, -2, 8 },
	{ "epic", "heroic, grand, grandiose, majestic, monumental, massive, huge, episch, "
		"epique", 35, 0, 22, 0, 18 },
	{ "triumphant", "victorious, glorious, proud, ceremonial", -80, 2, 20, 2, 12 },
	{ "dramatic", "intense, emotional, powerful, stormy, moving", 60, 0, 14, 0, 10 },
	{ "energetic", "energy, lively, dynamic, exciting, vigorous, driving, pumping, "
		"high energy, hype", -5, 9, 22, 1, -6 },
	{ "upbeat", "peppy, catchy, groovy, danceable, fun, party, festive, celebratory",
		-60, 8, 16, 1, -4 },
	{ "aggressive", "angry, furious, brutal, raw, violent, hard, heavy", 75, 8, 26, -3, -8 },
	{ "warm", "cozy, cosy, homely, comforting, organic, intimate evening", -35, -4, -6, -1, 4 },
	{ "cold", "icy, wintry, frozen, bleak, desolate", 60, -4, -8, 2, 22 },
	{ "lonely", "solitary, empty, isolated, abandoned", 75, -10, -18, -1, 18 },
	{ "reflective", "thoughtful, pensive, contemplative, introspective, meditative, "
		"meditation", 15, -8, -14, 0, 12 },
	{ "hypnotic", "trancelike, repetitive, mesmerizing, mesmerising", 45, 0, 2, -2, 10 },
	{ "spacious", "vast, wide, open, atmospheric, cosmic, space, spacey, airy", 0, -6,
		-6, 0, 26 },
	{ "funky", "sassy, greasy, tight", 20, 2, 10, 0, -8 },
	{ "elegant", "graceful, refined, classy, sophisticated", -20, -2, -4, 0, 4 },
	{ "rustic", "earthy, pastoral, rural, country side", -40, 0, 0, 0, 0 },
	{ "vintage", "retro, old school, oldschool, dusty, old", 0, -2, -2, 0, 2 },
	{ "futuristic", "sci fi, cyber, cyberpunk, robotic, neon", 50, 2, 6, 0, 10 },
	{ "tropical", "beach, summer, summery, island, exotic", -75, 2, 6, 1, 0 },
	{ "magical", "enchanted, fairytale, fairy tale, sparkling, shimmering", -45, -2, -4,
		5, 18 },
	{ "adventurous", "adventure, questing, journey, exploration", -25, 6, 14, 1, 10 },
	{ "focused", "focus, concentration, studying, working", 10, -4, -10, 0, 2 },
	{ "noble", "solemn, dignified, sacred, spiritual, reverent", -20, -12, -4, -2, 20 },
	{ "restless", "agitated, frantic, chaotic, hectic, wild", 55, 12, 18, 0, -4 },
	{ "light", "breezy, fresh, carefree, bright", -75, 4, -2, 3, 0 },
	{ "bluesy", "gritty, smoky, soulful", 45, -4, 2, -1, 0 },
	{ "minimal", "minimalist, minimalistic, sparse, simple, bare", 10, -4, -20, 0, 6 },
};

const size_t mood_count = sizeof moods / sizeof moods[0];

const struct tempo_word tempo_words[] = {
	{ "grave, larghissimo", 42, 0 },
	{ "largo", 50, 0 },
	{ "lento, larghetto", 58, 0 },
	{ "adagio", 66, 0 },
	{ "andante, andantino", 84, 0 },
	{ "moderato", 108, 0 },
	{ "allegretto", 116, 0 },
	{ "allegro", 134, 0 },
	{ "vivace, vivo", 156, 0 },
	{ "presto", 176, 0 },
	{ "prestissimo", 192, 0 },
	{ "very slow, extremely slow, super slow, sehr langsam", 0, 0 },
	{ "slow, slowly, downtempo, down tempo, unhurried, langsam, lente, despacio, "
		"lento tempo", 0, 15 },
	{ "medium tempo, mid tempo, midtempo, medium, moderate, walking pace", 0, 50 },
	{ "uptempo, up tempo, brisk, quick, lebhaft", 0, 80 },
	{ "fast, rapid, schnell, rapide, rapido, rapida, speedy", 0, 90 },
	{ "very fast, extremely fast, super fast, breakneck, sehr schnell", 0, 100 },
};

const size_t tempo_word_count = sizeof tempo_words / sizeof tempo_words[0];

const struct instrument *
instrument_find(const char *name)
{
	for (size_t i = 0; i < instrument_count; i++)
		if (strcmp(instruments[i].name, name) == 0) return &instruments[i];
	return NULL;
}
