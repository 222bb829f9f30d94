"""The stand-in for PostgREST, against a real PostgreSQL: what Martlet's mirror relies on."""

import glob
import json
import unittest

from lab.libpq import Connection, StatementFailed, quoted
from lab.postgres import Postgres
from lab.postgrest import PostgREST

KEY = "service"


@unittest.skipUnless(glob.glob("/usr/lib/postgresql/*/bin/initdb"), "postgresql is not installed")
class PostgRESTTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = Postgres()
        cls.database.__enter__()
        cls.addClassCleanup(cls.database.__exit__)
        cls.rest = PostgREST(cls.database.settings, {KEY: "postgres", "anonymous": "anon"})
        cls.sql("create role anon nologin")
        cls.sql("create table t (service_name text primary key, is_active boolean not null)")

    @classmethod
    def sql(cls, statement, *arguments):
        with Connection(cls.database.settings) as session:
            return session.values(statement, *arguments)

    def post(self, body, key=KEY, table="t", prefer="resolution=merge-duplicates,return=minimal", bearer=None):
        headers = {"apikey": key, "authorization": f"Bearer {bearer or key}", "prefer": prefer}
        return self.rest.answer(
            "POST", f"/rest/v1/{table}?on_conflict=service_name", headers, json.dumps(body).encode())

    def assertRefused(self, answer, status, code):
        self.assertEqual((answer.status, answer.body.get("code")), (status, code))
        self.assertEqual(set(answer.body), {"code", "details", "hint", "message"})

    def test_an_upsert_inserts_then_changes(self):
        for active in (True, False):
            answer = self.post({"service_name": "a", "is_active": active})
            self.assertEqual((answer.status, answer.body), (201, None))
            self.assertEqual(answer.headers["Preference-Applied"], "resolution=merge-duplicates, return=minimal")
        self.assertEqual(self.sql("select is_active from t where service_name = 'a'"), ["f"])

    def test_without_the_preference_a_second_row_is_a_conflict(self):
        row = {"service_name": "b", "is_active": True}
        self.assertEqual(self.post(row, prefer="").status, 201)
        self.assertRefused(self.post(row, prefer=""), 409, "23505")

    def test_what_is_wrong_has_the_shape_of_postgrest(self):
        self.assertRefused(self.post({"service_name": "c"}), 400, "23502")
        self.assertRefused(self.post({"service_name": "c", "other": 1}), 400, "PGRST204")
        self.assertRefused(self.post({}, table="none"), 404, "PGRST205")
        self.assertRefused(self.post({"service_name": "c", "is_active": True}, key="anonymous"), 401, "42501")
        self.assertRefused(self.post({"service_name": "c"}, bearer="other"), 401, "PGRST301")
        self.assertEqual(self.post({}, key="wrong").status, 401)
        self.assertRefused(self.rest.answer("POST", "/rest/v1/t", {"apikey": KEY}, b"{"), 400, "PGRST102")

    def test_rows_are_read_by_value_whatever_the_value_holds(self):
        name = "x'; drop table t; --"
        self.post({"service_name": name, "is_active": True})
        target = "/rest/v1/t?select=service_name&service_name=eq.x%27%3B%20drop%20table%20t%3B%20--&limit=1"
        self.assertEqual(self.rest.answer("GET", target, {"apikey": KEY}, b"").body, [{"service_name": name}])

    def test_a_database_that_is_away_is_503_and_comes_back_with_its_rows(self):
        self.post({"service_name": "kept", "is_active": True})
        self.database.stop()
        self.assertRefused(self.post({}), 503, "PGRST001")
        self.database.start()
        self.assertEqual(self.sql("select count(*) from t where service_name = $1", "kept"), ["1"])

    def test_a_name_is_quoted_whole(self):
        with self.assertRaises(StatementFailed) as caught:
            self.sql("select 1 from " + quoted('a"b'))
        self.assertEqual(caught.exception.code, "42P01")


if __name__ == "__main__":
    unittest.main()
