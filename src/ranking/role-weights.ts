/**
 * Weights of `roles.ts`, written by `npm run evaluate -- roles`: learned from abstracts with headings and from cues.
 * Log odds of background, method and result, in hundredths.
 */
const row = (text: string): number[] => text.split(" ").map((value) => Number(value) / 100);

export const OFFSETS: readonly number[] = row("29 -21 -22");

/** One row for each value of `placeOf`. */
export const PLACE_WEIGHTS: readonly (readonly number[])[] = `
181 9 -190
136 84 -220
-6 79 -73
-124 61 63
-196 1 194
148 -67 -81
51 13 -64
32 18 -50
22 3 -25
`
  .trim()
  .split("\n")
  .map(row);

/** By word or pair of words, as `gramsOf` returns them. */
export const GRAM_WEIGHTS: ReadonlyMap<string, readonly number[]> = new Map(
  `
-23 -27 49 %
-15 4 12 0
3 -9 6 0 $
-27 -26 53 0 %
-2 -8 9 0 0
-17 1 16 0 to
-11 14 -3 ^ a
-22 14 8 ^ all
22 -22 0 ^ although
16 -3 -13 ^ as
-8 -12 20 ^ code
27 -19 -8 ^ current
26 -18 -8 ^ despite
39 -35 -4 ^ existing
-15 -15 30 ^ finally
-30 54 -24 ^ first
7 2 -9 ^ for
12 -2 -10 ^ here
43 -25 -18 ^ however
14 1 -16 ^ in
9 -5 -3 ^ it
23 -25 2 ^ many
15 -31 16 ^ most
3 3 -6 ^ our
25 -20 -5 ^ recent
20 -16 -4 ^ recently
-18 40 -22 ^ second
-22 41 -19 ^ specifically
8 3 -10 ^ the
-16 38 -22 ^ then
-21 -20 42 ^ these
12 4 -16 ^ this
12 4 -16 ^ to
7 0 -7 ^ we
50 -32 -19 ^ while
2 4 -6 a
11 2 -13 a 0
1 -2 1 a single
-7 -5 11 about
-11 -23 34 achieved
-20 -27 46 achieves
-7 -20 27 achieving
-3 -14 16 active
17 -3 -14 address
-20 30 -10 address this
-16 11 5 after
18 0 -18 agreement
11 -12 1 ai
38 -26 -12 aim
24 -19 -5 aims
3 5 -8 algorithm
6 1 -6 algorithms
4 6 -10 allows
12 -15 3 although
3 3 -5 an
-12 5 7 analysis
-5 3 2 and
5 3 -9 and the
19 -16 -2 and then
2 11 -13 applied
-8 14 -6 applied to
-9 16 -6 apply
5 3 -8 architecture
16 2 -18 are
-13 -4 17 art
-6 -15 21 art performance
23 -5 -17 article
2 -3 2 as
-10 -8 18 at https
-6 -12 18 available
-11 -12 23 available at
8 5 -13 b
-1 7 -6 based
-19 7 12 baseline
5 -4 -1 be
8 -14 6 be used
25 -9 -16 been
-18 8 10 before
-4 -5 9 behavior
5 -12 7 being
-11 3 8 benchmarks
1 -5 4 both
2 -6 4 but
1 3 -4 by
-24 33 -9 by using
6 -2 -4 can
5 10 -15 case
14 -6 -8 challenge
-9 -7 17 change
-27 -18 45 clinical
-10 -8 17 code
-6 -6 12 code is
-6 24 -18 collected
5 -11 7 common
-8 -6 14 communication
-5 1 4 compared
9 -5 -4 conditions
-26 32 -6 conducted
-7 -16 23 confirm
17 -6 -11 consider
-1 -12 13 consistently
-10 24 -15 consists
-13 27 -14 consists of
-5 17 -13 construct
-7 5 2 control
-56 37 19 controlled
15 4 -18 corpus
15 -11 -4 critical
18 -15 -3 crucial
10 -6 -4 current
-8 20 -12 define
-9 -10 19 demonstrate
-6 -6 12 demonstrate that
-2 14 -12 derive
16 -11 -5 describes
16 -15 0 despite
9 2 -11 detection
8 -1 -7 different
11 10 -21 discussed
6 4 -10 does
1 10 -11 does not
7 1 -9 driven
8 -2 -7 due
9 -3 -6 due to
-1 8 -7 each
-3 -9 13 effective
-14 1 13 effectively
-8 -4 12 effectiveness
12 3 -15 either
-20 30 -11 employ
-9 11 -2 end
16 0 -16 energy
-6 -11 17 evidence
25 -11 -15 examine
6 1 -7 existing
2 7 -9 experimental
-4 -10 14 experiments show
16 -10 -7 explore
-12 17 -5 extend
15 -7 -8 fail
19 -15 -4 fail to
-11 9 3 family
11 9 -20 faster
-7 -8 15 finally
-6 -7 13 finally we
-5 -4 9 find
-15 -21 37 findings
10 2 -12 finite
8 5 -13 first
5 -6 1 focus on
3 -2 -1 for
1 -15 14 found
-18 12 6 four
-8 -2 10 further
11 1 -12 g
13 -4 -9 gap
-17 12 5 general
-15 -14 29 github
8 5 -13 graph
-23 4 19 group
-17 11 6 groups
15 3 -17 h
23 -9 -14 has
32 -22 -11 has been
21 -14 -8 have
34 -17 -17 have been
-33 -3 36 health
1 -16 15 help
12 -1 -10 here
-2 -12 13 higher
27 -23 -4 however
8 0 -8 human
-24 -13 37 identified
9 3 -11 image
17 -21 3 important
0 -15 15 improve
-8 -9 18 improved
-9 -14 23 improvement
1 -4 3 in
-7 -8 15 in both
-10 27 -17 in particular
-6 7 -1 in this
2 -14 12 increase
-5 -37 42 increased
-5 -17 22 indicate
3 5 -8 information
10 4 -14 interaction
10 12 -22 interactions
-62 4 58 intervention
2 4 -6 into
-8 13 -5 introduce
2 11 -12 introduces
16 -1 -15 investigate
13 -6 -7 investigate the
19 2 -21 is
9 -8 -1 is a
-27 39 -12 is based
4 12 -16 is not
17 -6 -11 is to
-1 -12 13 issues
6 -1 -6 it
-2 9 -7 it is
5 -3 -2 its
-1 -19 21 lack
17 4 -21 languages
7 1 -9 large
10 3 -13 layer
-3 5 -2 learning
-10 20 -10 leveraging
14 -6 -9 like
9 9 -18 limit
5 -12 7 limited
9 3 -12 linear
-4 17 -13 literature
-12 5 7 loss
-21 -10 31 management
14 -8 -6 many
12 0 -12 matrix
0 -14 14 may
-11 23 -11 measured
12 3 -15 measurements
-12 17 -5 measures
6 4 -10 mechanism
-28 8 20 medical
9 -1 -8 methods
-6 16 -9 model is
15 -1 -14 modern
-8 -9 17 more
6 -15 9 most
7 6 -13 n
8 5 -12 natural
-10 -8 18 needed
11 -2 -9 networks
-14 15 -2 next
-8 -7 15 no
-6 -11 17 not
3 5 -8 number
18 -7 -11 objective
13 1 -14 observed
-6 -8 14 obtain
6 8 -14 obtained
4 -3 -1 of
-11 2 9 of 0
3 3 -6 of the
16 -11 -5 often
1 4 -5 on the
-6 2 5 or
11 6 -17 order
-8 4 5 our
-10 -17 27 our experiments
-8 -20 28 our results
-16 -23 39 outperform
-7 -20 27 outperforming
-20 -28 48 outperforms
2 8 -10 over
-20 -9 29 overall
1 -18 17 p
11 0 -11 paper
-6 5 1 paper we
3 -12 9 paradigm
-4 19 -15 particular
2 0 -1 performance
-4 0 5 performance of
-16 25 -10 performed
-18 20 -2 period
-5 -16 21 positive
13 -3 -10 power
-23 -4 26 practice
17 -2 -15 present
12 -3 -9 previous
-33 21 13 primary
11 1 -12 problem
23 -13 -10 problem of
4 2 -7 process
11 0 -11 processes
-3 -10 13 promising
-3 12 -9 propose
11 -5 -6 proposed
3 -9 6 provide
-7 -7 14 providing
22 -7 -15 recent
21 -12 -9 recently
12 3 -15 relations
14 -7 -7 remain
28 -21 -6 remains
-18 -11 29 reported
-2 -8 11 research
10 4 -14 result
-3 -1 4 results
-7 -8 15 results demonstrate
-9 -12 21 results show
-20 18 2 review
-16 8 7 sample
-7 3 4 scale
-7 16 -10 second
7 5 -12 sets
-13 -22 35 should
-2 -7 9 show
-7 -2 9 show that
10 6 -16 shown
-10 -24 35 significant
-15 -27 42 significantly
-29 16 13 six
6 5 -11 so
9 -3 -6 some
6 4 -10 space
-11 -4 15 specific
-11 16 -4 specifically
12 -2 -11 stability
11 -5 -6 still
-5 -7 13 strategies
8 4 -12 structure
17 -20 3 struggle
-11 -16 27 studies
-14 3 10 study
24 -2 -22 study the
19 -2 -17 such
-4 -3 8 such as
22 -20 -3 suffer from
-6 -18 25 suggest
-9 -8 16 support
-13 3 9 systematic
8 -4 -4 systems
9 1 -11 task
9 0 -9 techniques
-4 -4 9 than
8 8 -16 than 0
12 4 -16 than the
-1 -4 5 that
-11 5 7 that are
-6 0 6 that the
7 -1 -6 the
-14 -5 19 the 0
-7 -4 11 the first
17 -15 -2 the problem
-12 4 8 the proposed
-16 -2 18 the study
12 2 -14 the system
4 0 -5 their
-11 23 -12 then
8 4 -11 theory
-5 -23 29 there
19 -9 -10 therefore
13 -3 -10 these
-9 -12 21 these results
12 -3 -9 this
-16 4 13 this is
19 -2 -16 this paper
24 -38 14 this study
-10 10 -1 three
5 0 -5 through
10 2 -11 thus
6 1 -7 time
-13 14 -1 to address
-12 15 -4 to this
-5 12 -7 train
-8 17 -9 trained
-33 -1 35 treatment
5 7 -13 two
7 3 -11 under
-8 6 3 up
11 3 -13 up to
-12 12 0 used
-7 23 -16 used to
-12 -14 26 useful
7 9 -16 uses
2 8 -11 using
8 -1 -7 various
-55 10 45 was
6 14 -19 we
-13 33 -20 we apply
22 -14 -8 we consider
-16 25 -9 we construct
-7 -19 26 we demonstrate
-16 29 -13 we derive
-20 38 -18 we design
-23 42 -19 we develop
16 -9 -8 we explore
-6 -19 25 we find
-17 40 -23 we introduce
16 -14 -2 we investigate
3 -4 1 we present
-17 46 -29 we propose
-13 -22 36 we prove
-19 -21 40 we show
44 -26 -17 we study
17 -16 -1 we then
-28 48 -20 we use
2 -4 3 well
-86 26 59 were
16 -4 -12 whether
3 4 -6 which
5 1 -7 while
19 -19 0 widely
17 -13 -4 widely used
-14 24 -10 will be
6 1 -7 with the
6 -7 2 work
15 -3 -12 x
-29 20 9 years
`
    .trim()
    .split("\n")
    .map((line) => {
      const [background = "", method = "", result = "", ...gram] = line.split(" ");
      return [gram.join(" "), row(`${background} ${method} ${result}`)];
    }),
);
