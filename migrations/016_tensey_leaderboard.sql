-- Why: any page of the leaderboard of challenges is a walk along an index, in the order of the board: most challenges
-- first, equals by their id. Who is hidden or has done nothing yet is not listed and stands in no entry of it.
-- rank_buckets tells where in the index a page begins. xp_totals_ranking cannot serve this: it does not know who is
-- hidden, so that every entry before a page would have to be looked up among the users.
CREATE INDEX users_listed_by_tenseys ON users (social_freedom_exercises_tenseys DESC, user_id)
WHERE NOT hidden AND social_freedom_exercises_tenseys > 0;
