/* The compiled core of the columnar reader: what NumPy does in many passes, in one.

   Plain C over pointers, without Python's or NumPy's headers. Every function gives exactly what the NumPy code beside
   its call gives (tests/x12/test_native.py); whatever is not of the plain form is left to that code. All arrays are
   contiguous; places are bytes of the block's buffer, and no byte outside a span is read. */

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) && defined(__GNUC__)
#include <emmintrin.h>
#define SIXTEEN_AT_ONCE 1
#endif

#if defined(_WIN32)
#define PUBLIC __declspec(dllexport)
#else
#define PUBLIC __attribute__((visibility("default")))
#endif

#define WORD_BYTES 8
#define LONGER UINT64_MAX
#define DIGITS_MAX 15

enum { ABSENT = 0, READ = 1, LEFT = 2 };

/* How many element separators and segment ends there are together, and of the ends alone. */
PUBLIC void cocm_count_marks(const uint8_t *bytes, int64_t size, uint8_t element, uint8_t terminator,
                             int64_t *counts)
{
    int64_t elements = 0, ends = 0;
    for (int64_t at = 0; at < size; at++) {
        elements += bytes[at] == element;
        ends += bytes[at] == terminator;
    }
    counts[0] = element == terminator ? ends : elements + ends;
    counts[1] = ends;
}

/* Their places, each `shift` further on, and where among them the segment ends are. Of the bytes that are left over
   every one is noted and most are overwritten by the next, which is faster than to decide; so both arrays have room
   for one more. */
PUBLIC void cocm_marks(const uint8_t *bytes, int64_t size, uint8_t element, uint8_t terminator, int64_t shift,
                       int64_t *marks, int64_t *last)
{
    int64_t count = 0, ends = 0, at = 0;
#if defined(SIXTEEN_AT_ONCE)
    const __m128i elements = _mm_set1_epi8((char)element), terminators = _mm_set1_epi8((char)terminator);
    for (; at + 16 <= size; at += 16) {
        __m128i seen = _mm_loadu_si128((const __m128i *)(bytes + at));
        unsigned is_end = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(seen, terminators));
        unsigned left = is_end | (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(seen, elements));
        for (; left; left &= left - 1) {
            int bit = __builtin_ctz(left);
            marks[count] = at + bit + shift;
            last[ends] = count++;
            ends += is_end >> bit & 1;
        }
    }
#endif
    for (; at < size; at++) {
        int is_end = bytes[at] == terminator;
        marks[count] = at + shift;
        last[ends] = count;
        ends += is_end;
        count += is_end | (bytes[at] == element);
    }
}

/* The number of each word's code, by the table of a CodeIndex; 0 where it is none. */
PUBLIC void cocm_find(const uint64_t *words, int64_t count, uint64_t multiplier, int64_t shift, const uint64_t *keys,
                      const int64_t *numbers, int64_t *found)
{
    for (int64_t at = 0; at < count; at++) {
        uint64_t slot = words[at] * multiplier >> shift;
        found[at] = keys[slot] == words[at] ? numbers[slot] : 0;
    }
}

/* The same by the table of TaggedCodes, where a code is one of a tag. */
PUBLIC void cocm_find_tagged(const int64_t *tags, const uint64_t *words, int64_t count, uint64_t tag_multiplier,
                             uint64_t multiplier, int64_t shift, const uint64_t *keys, const int64_t *key_tags,
                             const int64_t *numbers, int64_t *found)
{
    for (int64_t at = 0; at < count; at++) {
        uint64_t mixed = words[at] ^ ((uint64_t)tags[at] * tag_multiplier);
        uint64_t slot = mixed * multiplier >> shift;
        found[at] = keys[slot] == mixed && key_tags[slot] == tags[at] ? numbers[slot] : 0;
    }
}

/* A sum over each run of numbers, in which places count; `mix` has a power of two of factors. */
PUBLIC void cocm_run_sums(const int64_t *content, const int64_t *start, const int64_t *length, int64_t count,
                          const uint64_t *mix, int64_t mix_count, uint64_t *sums)
{
    for (int64_t run = 0; run < count; run++) {
        const int64_t *numbers = content + start[run];
        uint64_t sum = (uint64_t)length[run];
        for (int64_t at = 0; at < length[run]; at++)
            sum += (uint64_t)(numbers[at] + 1) * mix[at & (mix_count - 1)];
        sum *= UINT64_C(0x9E3779B97F4A7C15);
        sum ^= sum >> 29;
        sum *= UINT64_C(0xBF58476D1CE4E5B9);
        sums[run] = sum ^ sum >> 32;
    }
}

/* Whether each run differs from the numbers of its shape, which stand in `flat`. */
PUBLIC void cocm_differ(const int64_t *content, const int64_t *start, const int64_t *length, int64_t count,
                        const int64_t *shapes, const int64_t *flat, const int64_t *offsets, const int64_t *lengths,
                        uint8_t *differs)
{
    for (int64_t run = 0; run < count; run++) {
        int64_t shape = shapes[run];
        differs[run] = lengths[shape] != length[run] ||
                       memcmp(flat + offsets[shape], content + start[run], (size_t)length[run] * sizeof *flat) != 0;
    }
}

/* Pieces of numbers one after the other. */
PUBLIC void cocm_pieces(const int64_t *numbers, const int64_t *offsets, const int64_t *length, int64_t count,
                        int64_t *pieces)
{
    for (int64_t run = 0; run < count; run++) {
        memcpy(pieces, numbers + offsets[run], (size_t)length[run] * sizeof *pieces);
        pieces += length[run];
    }
}

/* The places of numbers from -1, ordered by them, and where the places of each begin: `borders` has room for one more
   than there are numbers, and is 0 at first. */
PUBLIC void cocm_order(const int64_t *numbers, int64_t count, int64_t kinds, int64_t *borders, int64_t *order)
{
    for (int64_t at = 0; at < count; at++)
        borders[numbers[at] + 2]++;
    for (int64_t kind = 1; kind <= kinds; kind++)
        borders[kind] += borders[kind - 1];
    for (int64_t at = 0; at < count; at++)
        order[borders[numbers[at] + 1]++] = at;
    for (int64_t kind = kinds; kind > 0; kind--)
        borders[kind] = borders[kind - 1];
    borders[0] = 0;
}

/* Where an element (1 and following) of some segments stands; 0 to 0 where it is left out. Without rows: of all. */
PUBLIC void cocm_elements(const int64_t *marks, const int64_t *first, const int64_t *counts, const int64_t *rows,
                          int64_t count, int64_t position, int64_t *start, int64_t *end)
{
    for (int64_t at = 0; at < count; at++) {
        int64_t row = rows ? rows[at] : at;
        if (counts[row] > position) {
            const int64_t *mark = marks + first[row] + position;
            start[at] = mark[-1] + 1;
            end[at] = mark[0];
        } else {
            start[at] = end[at] = 0;
        }
    }
}

/* Values as words, the first byte lowest; those of more than eight bytes are LONGER. A value that `is_cut` ends at its
   first separator, if that is one of its first eight bytes. */
PUBLIC void cocm_words(const uint8_t *bytes, const int64_t *start, const int64_t *end, const uint8_t *is_cut,
                       uint8_t separator, int64_t count, uint64_t *words)
{
    for (int64_t at = 0; at < count; at++) {
        const uint8_t *value = bytes + start[at];
        int64_t length = end[at] - start[at];
        int64_t seen = length < WORD_BYTES ? length : WORD_BYTES;
        int cut = is_cut && is_cut[at];
        uint64_t word = 0;
        int64_t place = 0;
        for (; place < seen; place++) {
            if (cut && value[place] == separator)
                break;
            word |= (uint64_t)value[place] << (8 * place);
        }
        words[at] = place == WORD_BYTES && length > WORD_BYTES ? LONGER : word;
    }
}

/* One number as a whole multiple of its last decimal. */
static int read_decimal(const uint8_t *value, int64_t length, int64_t places, int64_t *result)
{
    int64_t at = 0, number = 0, digits = 0, decimals = -1;
    int negative = length > 0 && value[0] == '-';
    for (at = negative; at < length; at++) {
        uint8_t digit = (uint8_t)(value[at] - '0');
        if (digit <= 9) {
            if (++digits > DIGITS_MAX)
                return LEFT;
            number = 10 * number + digit;
            decimals += decimals >= 0;
        } else if (value[at] == '.' && decimals < 0 && digits) {
            decimals = 0;
        } else {
            return LEFT;
        }
    }
    if (digits == 0 || decimals == 0 || decimals > places)
        return LEFT;
    for (int64_t more = places - (decimals < 0 ? 0 : decimals); more > 0; more--) {
        if (++digits > DIGITS_MAX)
            return LEFT;
        number *= 10;
    }
    *result = negative ? -number : number;
    return READ;
}

/* Numbers with so many decimal places; what is LEFT has no plain form and is 0. */
PUBLIC void cocm_decimals(const uint8_t *bytes, const int64_t *start, const int64_t *end, int64_t count,
                          int64_t places, int64_t *values, uint8_t *states)
{
    for (int64_t at = 0; at < count; at++) {
        int64_t length = end[at] - start[at];
        values[at] = 0;
        states[at] = length <= 0 ? ABSENT : (uint8_t)read_decimal(bytes + start[at], length, places, values + at);
    }
}

/* One date as CCYYMMDD, as days since 1970-01-01. */
static int read_day(const uint8_t *value, int64_t *result)
{
    static const int64_t LENGTHS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t number = 0;
    for (int at = 0; at < 8; at++) {
        uint8_t digit = (uint8_t)(value[at] - '0');
        if (digit > 9)
            return LEFT;
        number = 10 * number + digit;
    }
    int64_t year = number / 10000, month = number / 100 % 100, day = number % 100;
    if (year < 1 || month < 1 || month > 12 || day < 1)
        return LEFT;
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > LENGTHS[month - 1] + (leap && month == 2))
        return LEFT;
    /* Years that begin in March: the leap day is the last of its year. */
    int64_t march_year = year - (month <= 2), march_month = (month + 9) % 12;
    *result = 365 * march_year + march_year / 4 - march_year / 100 + march_year / 400 +
              (153 * march_month + 2) / 5 + day - 1 - 719468;
    return READ;
}

/* Dates; what is LEFT is none and is 0. */
PUBLIC void cocm_days(const uint8_t *bytes, const int64_t *start, const int64_t *end, int64_t count,
                      int64_t *values, uint8_t *states)
{
    for (int64_t at = 0; at < count; at++) {
        int64_t length = end[at] - start[at];
        values[at] = 0;
        if (length <= 0)
            states[at] = ABSENT;
        else
            states[at] = length == 8 ? (uint8_t)read_day(bytes + start[at], values + at) : LEFT;
    }
}
