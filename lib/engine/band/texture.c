#include "engine/band/texture.h"

#include <string.h>

const struct texture_kind textures[TEXTURE_COUNT] = {
	[TEXTURE_VINYL] = { "vinyl", "vinyl crackle, vinyl noise, crackle, crackling, crackly, "
		"record player, old record, gramophone, turntable, schallplatte, knistern, "
		"vinyle, vinilo, vinil", true },
	[TEXTURE_TAPE] = { "tape", "tape hiss, tape saturation, tape noise, cassette, cassette tape, "
		"old tape, wow and flutter, tape wobble, kassette, tonband, cinta, fita", false },
	[TEXTURE_RAIN] = { "rain", "rain sounds, sound of rain, rainy, raindrops, rainfall, "
		"rainstorm, regen, pluie, lluvia, chuva", false },
	[TEXTURE_WAVES] = { "waves", "ocean waves, sea waves, sound of the sea, ocean sounds, surf, "
		"meeresrauschen, wellen, vagues, olas, ondas do mar", false },
	[TEXTURE_WIND] = { "wind", "wind sounds, howling wind, breeze, sound of the wind, "
		"vent, viento, vento", false },
};

int
texture_find(const char *name)
{
	for (int i = 0; i < TEXTURE_COUNT; i++)
		if (strcmp(textures[i].name, name) == 0) return i;
	return -1;
}
