-- Files, strings, tables, coroutines; errors come back as values.
local out = assert(io.open("lua-out", "w"))
for n = 1, 300 do out:write(string.format("%05d %q\n", n * 7919 % 1000, "line\t" .. n)) end
out:close()
local count, sum = 0, 0
for line in io.lines("lua-out") do
  count = count + 1
  sum = sum + tonumber(line:match("^%d+"))
end
print(count, sum, os.date("!%Y-%m-%d %H:%M:%S", 1000000000), math.type(1 // 1), 7 // 2, 2 ^ 53)
local made = coroutine.wrap(function() for k = 1, 3 do coroutine.yield(k * k) end end)
print(made(), made(), made())
print(io.open("missing"))
print(io.open("dir/inner"):read("a"))
local file = io.open("lua-out", "r+")
file:seek("set", 6)
file:write("XYZ")
print(file:seek("cur"), file:seek("end"))
file:close()
print(os.rename("lua-out", "lua-renamed"), os.remove("lua-missing"))
print(pcall(error, { code = 2 }), select("#", table.unpack({ 1, nil, 3 }, 1, 3)))
local t = {}
for k in pairs({ a = 1, b = 2, c = 3 }) do t[#t + 1] = k end
table.sort(t)
print(table.concat(t, " "), os.getenv("LC_ALL"), #arg, arg[0])
io.stderr:write("lua to stderr\n")
os.exit(tonumber(arg[1] or 0))
