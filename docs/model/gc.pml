/*
 * Leases and garbage-collection generations: any number of writers and pruners, no lock.
 *
 * This is the protocol of docs/adr/0002-gc-protocol.md as a Promela model for spin; the labels W1..W7, P1..P8 and
 * R1 below are the ADR's rules. How to run it, and what it found: docs/model/README.md.
 *
 * THE STORE. Immutable objects in folders. One put, one conditional create, one removal, one listing of one folder is
 * a step; between any two steps any other actor may act. So a view of two folders is never a snapshot of both, and the
 * order in which an actor lists folders is part of the protocol. A step is an `atomic` block here; an actor may crash
 * between any two.
 *
 *   packs/      `exists` is the set of packs now stored; content[p] the chunks in pack p. Names are never used again.
 *   index/      seg[i] is the set of packs that segment i describes; 0: no such segment. The segment that an actor puts
 *               for its new pack i is segment i. A pruner's segment also takes over the entries of those it condemns.
 *   snapshots/  `snaps` is the set now stored; need[s] its chunks, refs[s] the packs its writer took them from (the
 *               refset), valid[s] the generation under which the writer had checked them.
 *   leases/     lease[w] is 1 + the generation in writer w's lease, 0 when it has none that lives. (second[w]: the
 *               next lease object, see RENEWAL.)
 *   gc/         `gens` is the set of generation records, `swept` the set of their .swept marks; dead_packs[n] and
 *               dead_segs[n] is what record n condemns.
 *
 * TIME. There is no clock, only what clocks can do to us: the process Clock makes a lease lapse.
 *   Sound clocks (default): any lease may lapse at any moment, that of a writer which merely stalled too, except
 *   between W4, where the writer finds by its own clock that a margin is left, and the end of the put of W5, which must
 *   fit into that margin: so W4 and W5 are one step here. Required: *every* stored snapshot is whole at every moment.
 *   -DCLOCKS_BAD: leases lapse wherever they please, and W4 notices nothing. Required: every snapshot that is
 *   acknowledged (its writer passed W6 and reported success), and every one that is trusted (R1), is whole. So two lines
 *   of defence are checked apart: leases need clocks, generations need none.
 *
 * WHOLE means: for each chunk of the snapshot a stored pack has it and a stored segment names that pack. TRUSTED means
 * valid[s] >= the newest generation; its refset may be used without a look into the index, so each pack in it must exist.
 *
 * THE SIZES. Chunks 1, 2 and 4 (bits). One old pack has 1 and 2, one old snapshot needs 1; so 2 is garbage that a writer
 * may take up again. The writers want WANT_0 and WANT_1; a 4 in them is a new chunk. A writer crashes after its upload or
 * after its commit, and a pruner before each step if it has another run; a crash elsewhere is the same as never being
 * scheduled again, which spin tries anyway. The configurations are in tests/model/check_model.sh. Each `#ifdef MUTANT_`
 * takes one rule away, and spin must then find a failure.
 */

#ifndef WRITERS
#define WRITERS 2
#endif
#ifndef PRUNERS
#define PRUNERS 1
#endif
#ifndef RUNS              /* times that the first pruner starts; every other one starts once */
#define RUNS 2
#endif
#ifndef UPLOADS           /* packs that one writer may upload, all attempts together */
#define UPLOADS 3
#endif
#ifndef ATTEMPTS          /* times that a writer may begin anew */
#define ATTEMPTS 2
#endif

#ifndef WANT_0            /* chunks of the snapshots that the writers mean to make */
#define WANT_0 3
#endif
#ifndef WANT_1
#define WANT_1 2
#endif

#define PACKS 12          /* 0: the old one; then the writers' slots, the pruners', and the last for the final sweep */
#define SNAPS 5
#define LAST_GEN 3
#ifdef FORGET
#define ACTORS (WRITERS + PRUNERS + 1)
#else
#define ACTORS (WRITERS + PRUNERS)
#endif
#define NONE 255

#define bit(i) (1 << (i))
#define in(i, set) (((set) >> (i)) & 1)

short exists = 1;
byte content[PACKS];
short seg[PACKS];

byte snaps = 1;
byte need[SNAPS];
short refs[SNAPS];
byte valid[SNAPS];
byte acked = 1;           /* snapshots whose writer has reported success; not stored anywhere */

byte lease[WRITERS];
byte lapsed;              /* writers whose lease ran out under them, as their own sound clock tells them */
#ifdef RENEWAL
byte second[WRITERS];
#endif

byte gens;
byte swept;
short dead_packs[LAST_GEN + 1];
short dead_segs[LAST_GEN + 1];
short spared[LAST_GEN + 1];
byte in_force;            /* numbers of generations that went past P4; not stored anywhere */

byte finished;            /* actors that ended */

/* Functions of the store's state, unrolled: Promela has no functions, and loops would cost states. */
#define K(p, set) (in(p, set) * content[p])
#define chunks_in(set) (K(0, set) | K(1, set) | K(2, set) | K(3, set) | K(4, set) | K(5, set) | K(6, set) | K(7, set) | \
                        K(8, set) | K(9, set) | K(10, set) | K(11, set))
#define indexed (seg[0] | seg[1] | seg[2] | seg[3] | seg[4] | seg[5] | seg[6] | seg[7] | seg[8] | seg[9] | seg[10] | \
                 seg[11])
#define G(i) ((seg[i] != 0) << (i))
#define segments (G(0) | G(1) | G(2) | G(3) | G(4) | G(5) | G(6) | G(7) | G(8) | G(9) | G(10) | G(11))
#define N(s) (in(s, snaps) * need[s])
#define needed (N(0) | N(1) | N(2) | N(3) | N(4))
#define O(s, g) (in(s, snaps) * (valid[s] < (g)) * need[s])
#define needed_by_older(g) (O(0, g) | O(1, g) | O(2, g) | O(3, g) | O(4, g))
#define newest (in(3, gens) -> 3 : (in(2, gens) -> 2 : in(1, gens)))
#define is_swept(g) ((g) == 0 || in(g, swept))

/* The properties. Checked wherever a step could break them. */
#define trusted(s) (valid[s] >= newest)
#define whole(s) ((need[s] & ~chunks_in(exists & indexed)) == 0 && (!trusted(s) || (refs[s] & ~exists) == 0))
#ifdef CLOCKS_BAD
#define promised(s) (in(s, acked) || trusted(s))
#else
#define promised(s) 1
#endif
#define kept(s) (!in(s, snaps) || !promised(s) || whole(s))
inline check_promises()
{
    assert(kept(0)); assert(kept(1)); assert(kept(2)); assert(kept(3)); assert(kept(4))
}

/* What a writer whose lease lives counts on is there: it may read its parent's pages, and copy frames. */
inline check_lease(w, packs)
{
#ifndef CLOCKS_BAD
    assert(in(w, lapsed) || (packs & ~exists) == 0)
#else
    skip
#endif
}

/* The packs that an actor may count on, of what it has read: named by the index, and listed. */
#ifdef MUTANT_INDEX_ENTRY_IS_ENOUGH
#define usable(index, listed) (index)
#else
#define usable(index, listed) ((index) & (listed))
#endif


/* ---------------------------------------------------------------------------------------------------------------- */

#define may_crash if :: true :: goto crashed fi

proctype Writer(byte w; byte want)
{
    byte uploads, attempts, commits;   /* how many so far */
    byte g;                            /* the generation in its lease */
    byte v;                            /* the generation up to which what it references is checked */
    byte n;                            /* newest generation just read */
    short index;                       /* packs named by the index as read */
    short mine;                        /* packs that its snapshot will reference */
    short condemned;
    byte missing;                      /* chunks still to be uploaded */
    byte k;
    byte stale = NONE;                 /* a snapshot of its own that a replacement makes superfluous */

anew:
    atomic {                                                                                   /* W1: list gc/ */
        if :: attempts == ATTEMPTS -> goto withdraw :: else fi;
        attempts++; mine = 0; index = 0; condemned = 0; missing = 0;
        g = newest
    }
publish:
    atomic { lease[w] = g + 1; lapsed = lapsed & ~bit(w) }                          /* W1: put the lease */
#ifndef MUTANT_NO_LEASE_RECHECK
    atomic {                                                                                   /* W1: list gc/ again */
        if :: newest != g -> g = newest; goto publish :: else fi
    }
#endif
    atomic {                                                                                   /* W2: list snapshots/ */
        v = g; k = 0;
        do                                                                                     /* R1 */
#ifdef MUTANT_TRUST_UNTIL_SWEPT
        :: k < SNAPS && in(k, snaps) && (valid[k] >= g || (!is_swept(g) && valid[k] + 1 == g)) -> mine = refs[k]; break
#else
        :: k < SNAPS && in(k, snaps) && valid[k] >= g -> mine = refs[k]; break
#endif
        :: k < SNAPS -> k++
        :: k == SNAPS -> break
        od;
        k = 0;
        missing = want & ~chunks_in(mine);
        if :: missing == 0 -> goto commit :: else fi
    }
    atomic { index = indexed }                                                      /* W2: list index/ */
    atomic {                                                                                   /* W2: list packs/ */
        condemned = dead_packs[g] & ~spared[g];
        index = usable(index, exists) & ~condemned;
        do                       /* takes up any of the packs that have what it misses */
        :: (chunks_in(index) & missing) == 0 -> break
        :: else ->
            k = 0;
            do
            :: in(k, index) && (content[k] & missing) -> break
            :: (chunks_in(index & ~(bit(k + 1) - 1)) & missing) != 0 -> k++
            od;
            mine = mine | bit(k); missing = missing & ~content[k]; index = index & ~bit(k)
        od;
        k = 0; index = 0; condemned = 0
    }
upload:
    if
    :: missing == 0
    :: else ->
        atomic {                                                                               /* W2: put a pack */
                if :: uploads == UPLOADS -> goto withdraw :: else fi;
            k = 1 + UPLOADS * w + uploads; uploads++;
            content[k] = missing; exists = exists | bit(k)
        }
        atomic {                                                                               /* W2: put its segment */
                seg[k] = bit(k);
            mine = mine | bit(k); missing = 0; k = 0
        }
    fi;
commit:
#ifndef MUTANT_NO_REREAD_BEFORE_COMMIT
    atomic {                                                                                   /* W3: list gc/ */
        may_crash;
        check_lease(w, mine);
        n = newest;
        if
        :: n == v
#ifndef MUTANT_IGNORE_GAP
        :: n > v + 1 -> n = 0; goto anew
        :: n == v + 1 ->
#else
        :: n > v ->
#endif
            v = n; mine = mine & ~dead_packs[n]; n = 0;
            missing = want & ~chunks_in(mine);
            goto upload
        fi;
        n = 0
    }
#endif
    atomic {                                                                                   /* W4, W5 */
#if !defined(MUTANT_NO_FENCE) && !defined(CLOCKS_BAD)
        if :: in(w, lapsed) -> goto anew :: else fi;
#endif
        if :: commits == 2 -> goto withdraw :: else fi;
        k = 1 + 2 * w + commits; commits++;
        snaps = snaps | bit(k); need[k] = want; refs[k] = mine; valid[k] = v;
        check_promises()
    }
    atomic {                                                                                   /* W6: list gc/ */
        may_crash;
#ifndef MUTANT_NO_REREAD_AFTER_COMMIT
        n = newest;
        if
        :: n == v
        :: n == v + 1 && (mine & dead_packs[n]) == 0
#ifdef MUTANT_STILL_EXISTS_IS_ENOUGH
        :: n == v + 1 && (mine & dead_packs[n]) != 0 && (mine & ~exists) == 0
#endif
        :: else ->
            if
            :: stale == NONE -> stale = k
            :: else -> snaps = snaps & ~bit(k)      /* one name to remember is enough for the model */
            fi;
            k = 0;
            if
#ifndef MUTANT_IGNORE_GAP
            :: n > v + 1 -> n = 0; goto anew
#endif
            :: else ->
                v = n; mine = mine & ~dead_packs[n]; n = 0;
                missing = want & ~chunks_in(mine);
                goto upload
            fi
        fi;
        n = 0;
#endif
        acked = acked | bit(k);
        check_promises()
    }
withdraw:
    if
    :: stale != NONE -> atomic { snaps = snaps & ~bit(stale); stale = NONE }        /* W6: the tombstone */
    :: else
    fi;
    atomic { lease[w] = 0 }                                                         /* W7 */
#ifdef MUTANT_FAILED_WRITER_CLEANS_UP
    atomic {
        if
        :: !(acked & (bit(1 + 2 * w) | bit(2 + 2 * w))) ->
            exists = exists & ~(((1 << UPLOADS) - 1) << (1 + UPLOADS * w)); check_promises()
        :: else
        fi
    }
#endif
crashed:
    atomic {
        lapsed = lapsed & ~bit(w);
        uploads = 0; attempts = 0; commits = 0; g = 0; v = 0; n = 0; index = 0; mine = 0; condemned = 0; missing = 0;
        k = 0; stale = NONE;
        finished++
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */

#undef may_crash
#define may_crash if :: true :: runs > 1 -> goto crashed fi

#define OLD(w, g) (lease[w] != 0 && lease[w] - 1 < (g))
#ifdef MUTANT_SWEEP_IGNORES_LEASES
#define older_lease(g) 0
#elif WRITERS == 2
#define older_lease(g) (OLD(0, g) || OLD(1, g))
#else
#define older_lease(g) OLD(0, g)
#endif
proctype Pruner(byte first_slot; byte runs)
{
    byte slot;             /* names for the next packs: slot for copies, slot + 1 for rescues */
    byte g;                /* the generation it makes or sweeps */
    byte live;             /* chunks that the listed snapshots need */
    short index, listed;   /* what it has read */
    short segs;
    short doomed;          /* packs it condemns */
    byte chunks;           /* what it copies */
    byte k;

    slot = first_slot;
again:
    atomic {                                                                                   /* P1: list gc/ */
        may_crash;
        g = newest;
#ifndef MUTANT_NEXT_BEFORE_SWEPT
        if :: !is_swept(g) -> goto sweep :: else fi;
#endif
        if :: g == LAST_GEN -> goto crashed :: else fi;
        g++
    }
    atomic { may_crash; live = needed }                                                        /* P2: list snapshots/ */
#ifdef MUTANT_PACKS_LISTED_BEFORE_INDEX
    atomic { may_crash; listed = exists }
#endif
    atomic { may_crash; index = indexed; segs = segments }                                     /* P2: list index/ */
    atomic {                                                                                   /* P2: list packs/ */
        may_crash;
#ifndef MUTANT_PACKS_LISTED_BEFORE_INDEX
        listed = exists;
#endif
        k = 0;
        if                       /* condemns any one pack, or all; indexed or not */
        :: doomed = listed
        :: do :: in(k, listed) -> doomed = bit(k); break 
           :: (listed >> (k + 1)) != 0 -> k++ od
        fi;
        k = 0;
        index = usable(index, listed);
        chunks = live & chunks_in(index & doomed) & ~chunks_in(index & ~doomed);
        index = index & ~doomed;
        live = 0; listed = 0
    }
    if
    :: chunks == 0
    :: else ->
        atomic {                                                                               /* P2: put the copies */
            may_crash;
            if :: (chunks & ~chunks_in(exists)) != 0 -> goto crashed :: else fi;
            content[slot] = chunks; exists = exists | bit(slot);
            index = index | bit(slot); chunks = 0
        }
    fi;
    atomic { may_crash; seg[slot] = index; index = 0 }                                         /* P2: put the segment */
#ifdef MUTANT_DELETE_BEFORE_CONDEMN
    atomic { exists = exists & ~doomed; check_promises() };
#endif
    atomic {                                                                                   /* P3: create gc/g */
        may_crash;
#ifndef MUTANT_NONEXCLUSIVE_CREATE
        if
        :: in(g, gens) ->
#ifdef MUTANT_LOSER_CLEANS_UP
            exists = exists & ~bit(slot); seg[slot] = 0; check_promises();
#endif
            goto crashed
        :: else
        fi;
#endif
        gens = gens | bit(g); dead_packs[g] = doomed; dead_segs[g] = segs;
        doomed = 0; segs = 0
    }
#ifndef MUTANT_NO_RELIST_AFTER_CREATE
    atomic {                                                                                   /* P4: list gc/ */
        may_crash;
        doomed = 0;
        if :: newest != g -> goto superseded :: else fi;
        assert((in_force >> g) == 0); in_force = in_force | bit(g);
        goto sweep
    }
superseded:
    atomic { may_crash; gens = gens & ~bit(g); goto crashed };                                 /* P4: withdraw */
#else
    atomic { assert((in_force >> g) == 0); in_force = in_force | bit(g) };
#endif
sweep:
#ifdef MUTANT_SNAPSHOTS_LISTED_BEFORE_LEASES
    atomic { may_crash; live = needed_by_older(g) }
#endif
#ifdef RENEWAL
    atomic { may_crash; if :: second[0] != 0 && second[0] - 1 < g -> goto crashed :: else fi } /* a listing takes time */
#endif
    atomic {                                                                                   /* P5: list leases/ */
        may_crash;
        if :: older_lease(g) -> goto crashed :: else fi
    }
#ifndef MUTANT_SNAPSHOTS_LISTED_BEFORE_LEASES
    atomic { may_crash; live = needed_by_older(g) }                                            /* P6: list snapshots/ */
#endif
#ifdef MUTANT_NO_RESCUE
    live = 0;
#endif
    atomic { may_crash; index = indexed }                                                      /* P6: list index/ */
    atomic {                                                                                   /* P6: list packs/ */
        may_crash;
        index = usable(index, exists);
        doomed = dead_packs[g];
        chunks = live & chunks_in(index & doomed) & ~chunks_in(index & ~doomed);
#ifdef MUTANT_SPARE_INSTEAD_OF_RESCUE
        k = 0;
        do
        :: k < PACKS ->
            if :: in(k, index & doomed) && (content[k] & chunks) -> doomed = doomed & ~bit(k) :: else fi;
            k++
        :: else -> break
        od;
        k = 0; chunks = 0;
        seg[slot + 1] = dead_packs[g] & ~doomed;
#endif
        index = 0; live = 0
    }
    if
    :: chunks == 0
    :: else ->
        atomic {                                                                               /* P6: rescue */
            may_crash;
            chunks = chunks & chunks_in(exists);
            content[slot + 1] = chunks; exists = exists | bit(slot + 1);
            chunks = 0
        }
        atomic { may_crash; seg[slot + 1] = bit(slot + 1) }
    fi;
#ifdef MUTANT_SWEPT_BEFORE_DELETE
    atomic { may_crash; swept = swept | bit(g) };
#endif
    do                                                                                         /* P7: the segments */
    :: atomic {
        (dead_segs[g] & segments) != 0 ->
        may_crash;
        do :: in(k, dead_segs[g] & segments) -> break :: else -> k++ od;
        seg[k] = 0; k = 0;
        check_promises()
    }
    :: atomic { (dead_segs[g] & segments) == 0 -> break }
    od;
    do                                                                                         /* P7: the packs */
    :: atomic {
        (doomed & exists) != 0 ->
        may_crash;
        do :: in(k, doomed & exists) -> break :: else -> k++ od;
        exists = exists & ~bit(k); k = 0;
        check_promises()
    }
    :: atomic { (doomed & exists) == 0 -> break }
    od;
    atomic {                                                                                   /* P8: put gc/g.swept */
        may_crash;
        if
        :: !in(g, swept) -> swept = swept | bit(g); spared[g] = dead_packs[g] & ~doomed
        :: else
        fi
    }
    atomic {                                                                                   /* P8: drop old records */
        may_crash;
        gens = gens & ~(bit(g) - 1); swept = swept & ~(bit(g) - 1)
    }
crashed:
    atomic {
        g = 0; live = 0; index = 0; listed = 0; segs = 0; doomed = 0; chunks = 0; k = 0;
        runs--; slot = slot + 2;
        if
        :: runs > 0 -> goto again
        :: else -> slot = 0; finished++
        fi
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */

#define lapse(w) lease[w] = 0; lapsed = lapsed | bit(w)

proctype Clock()
{
end:
    do
    :: atomic { lease[0] != 0 -> lapse(0) }
#if WRITERS == 2
    :: atomic { lease[1] != 0 -> lapse(1) }
#endif
    od
}

#ifdef FORGET
proctype Forget()
{
    atomic {
        if
        :: in(0, snaps) -> snaps = snaps & ~bit(0)
        :: in(1, snaps & acked) -> snaps = snaps & ~bit(1)
        :: true
        fi;
        finished++
    }
}
#endif

#ifdef RENEWAL
/* Writer 0 renews its lease once: a new lease object; the older one stays until it has lapsed. */
proctype Renewal()
{
    atomic {
        if
        :: lease[0] != 0 && second[0] == 0 -> second[0] = lease[0]
        :: finished >= 1 -> goto ended
        fi
    }
#ifdef MUTANT_RENEWAL_REMOVES_THE_OLDER
    lease[0] = 0;
#endif
ended:
    skip
}
#endif

/* Each says that something never happens: spin must contradict it, or the model is too tame to prove anything. */
#ifdef REACH_SECOND_SWEEP
#define reached in(2, swept)
#endif
#ifdef REACH_RESCUE
#define reached ((seg[2 + UPLOADS * WRITERS] | seg[4 + UPLOADS * WRITERS]) != 0 && RUNS == 2)
#endif
#ifdef REACH_REPLACED_SNAPSHOT
#define reached (in(2, acked) && in(2, snaps))
#endif
#ifdef reached
active proctype Never()
{
end:
    atomic { reached -> assert(false) }
}
#endif

/* All start; when all have ended and every lease has lapsed, a last prune must be able to finish what was begun. */
init {
    short kept_packs;
    byte chunks;
    byte k;

    atomic {
        content[0] = 3; seg[0] = bit(0);
        need[0] = 1; refs[0] = bit(0);
        run Writer(0, WANT_0);
#if WRITERS == 2
        run Writer(1, WANT_1);
#endif
        run Pruner(1 + UPLOADS * WRITERS, RUNS);
#if PRUNERS == 2
        run Pruner(1 + UPLOADS * WRITERS + 2 * RUNS, 1);
#endif
#ifdef FORGET
        run Forget();
#endif
#ifdef RENEWAL
        run Renewal();
#endif
        run Clock()
    }
    atomic {
        finished == ACTORS ->
        if
        :: !is_swept(newest) ->
            kept_packs = exists & indexed & ~dead_packs[newest];
            chunks = needed_by_older(newest) & ~chunks_in(kept_packs) & chunks_in(exists & indexed);
            content[PACKS - 1] = chunks; seg[PACKS - 1] = bit(PACKS - 1);
            exists = (exists & ~dead_packs[newest]) | bit(PACKS - 1);
            k = 0;
            do
            :: k < PACKS - 1 -> if :: in(k, dead_segs[newest]) -> seg[k] = 0 :: else fi; k++
            :: else -> break
            od;
            swept = swept | bit(newest)
        :: else
        fi;
        assert((exists & dead_packs[newest] & ~spared[newest]) == 0);
        check_promises()
    }
}
