# A repository from its first commit to a clone. Times and names are fixed, so the hashes are the host's.
set -e
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_AUTHOR_DATE='2001-02-03T04:05:06Z' GIT_COMMITTER_DATE='2001-02-03T04:05:06Z' GIT_CONFIG_NOSYSTEM=1
git -c init.defaultBranch=main init -q repo
cd repo
cp -r ../dir ../lines .
git add .
git commit -q -m 'first'
echo more >>lines
git commit -q -a -m 'second'
git log --stat --format='%H %s'
git checkout -q -b side HEAD~1
echo other >other; git add other; git commit -q -m 'on the side'
git merge -q -m 'merged' main
git log --oneline --graph
git diff main | tail -5
git gc -q
git fsck
cd ..
git clone -q repo copy 2>&1
git -C copy log --format='%h %an %s' side
git -C copy status --short --branch
rm -rf repo copy
